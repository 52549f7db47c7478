import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  computed,
  ElementRef,
  inject,
  input,
  output,
} from '@angular/core';
import type { PromptMessage } from '@remote-access/contracts';
import { C8yTranslatePipe, IconDirective } from '../host/sdk';
import { plainLine, plainLines } from '../ui/plain-text';
import { gettext } from '../ui/message';
import { DomIds } from '../ui/dom-ids';

/** Longer labels are truncated. Well-behaved servers put long texts in the instructions. */
const MAX_LABEL_CHARACTERS = 300;

/** Asks the user what the server asks during sign-in. The server's texts are never markup. */
@Component({
  selector: 'ra-prompt-form',
  imports: [C8yTranslatePipe, IconDirective],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="ra-card" role="dialog" [attr.aria-labelledby]="ids.of('prompt-title')">
      <h2 [id]="ids.of('prompt-title')" class="h4 m-t-0 m-b-8">
        <i c8yIcon="key" aria-hidden="true"></i>
        {{ title() | translate }}
      </h2>
      <p class="text-muted">{{ 'The remote server asks:' | translate }}</p>
      @if (instructions(); as text) {
        <p class="instructions">{{ text }}</p>
      }
      <form autocomplete="off" (submit)="$event.preventDefault(); give()">
        @for (field of fields(); track $index) {
          <div class="form-group">
            <label [for]="ids.of('prompt-' + $index)">{{ field.label | translate }}</label>
            <input
              class="form-control"
              autocomplete="off"
              autocapitalize="off"
              spellcheck="false"
              maxlength="4096"
              [id]="ids.of('prompt-' + $index)"
              [type]="field.echo ? 'text' : 'password'"
            />
          </div>
        }
        <div class="ra-card-actions">
          <button type="button" class="btn btn-default" (click)="cancelled.emit()">
            {{ 'Cancel' | translate }}
          </button>
          <button type="submit" class="btn btn-primary">{{ 'Continue' | translate }}</button>
        </div>
      </form>
    </div>
  `,
  styleUrl: './question-card.css',
})
export class PromptFormComponent {
  protected readonly ids = inject(DomIds);
  readonly prompt = input.required<PromptMessage>();
  /** Whether the user's input goes to this session rather than to another. */
  readonly takesFocus = input(true);
  readonly answered = output<string[]>();
  readonly cancelled = output();

  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef);

  protected readonly title = computed(
    () => plainLine(this.prompt().title, MAX_LABEL_CHARACTERS) || gettext('Sign in to the server'),
  );
  protected readonly instructions = computed(() => plainLines(this.prompt().instructions).trim());
  protected readonly fields = computed(() =>
    this.prompt().prompts.map(({ text, echo }) => ({
      label: plainLine(text, MAX_LABEL_CHARACTERS).trim() || gettext('Answer'),
      echo,
    })),
  );

  constructor() {
    afterNextRender(() => {
      if (!this.takesFocus()) return;
      const [first] = this.inputs();
      (first ?? this.host.nativeElement.querySelector<HTMLElement>('[type=submit]'))?.focus();
    });
  }

  protected give(): void {
    this.answered.emit(this.inputs().map(({ value }) => value));
  }

  private inputs(): HTMLInputElement[] {
    return [...this.host.nativeElement.querySelectorAll('input')];
  }
}
