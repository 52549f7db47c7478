import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  ElementRef,
  inject,
  Injectable,
  NgZone,
  type OnDestroy,
} from '@angular/core';
import {
  BsModalRef,
  BsModalService,
  C8yTranslatePipe,
  IconDirective,
  ModalComponent,
} from '../host/sdk';
import { TranslateMessagePipe } from './translate-message.pipe';
import type { Message } from './message';

/** A question to the user, with the choices that answer it. */
export interface Question {
  title: string;
  icon: string;
  sentences: readonly Message[];
  /**
   * Untranslated text that the question is about, with invisible characters already made visible.
   */
  quoted?: string;
  /** The harmless choice comes first, because it receives the focus. */
  choices: readonly { value: string; label: string; look: 'primary' | 'danger' | 'default' }[];
}

/** Asks the user questions in a modal dialog, one at a time. Provided by the page that asks. */
@Injectable()
export class QuestionDialog implements OnDestroy {
  private readonly modals = inject(BsModalService);
  private readonly zone = inject(NgZone);
  private dialog: BsModalRef<QuestionDialogComponent> | undefined;

  /**
   * @returns the value of the choice, or `undefined` if dismissed or if a question is already open
   */
  async ask(question: Question): Promise<string | undefined> {
    if (this.dialog) return undefined;
    const focused = document.activeElement;
    // A terminal runs outside the zone, and the product's dialogs rely on it.
    const answer = await this.zone.run(() => this.show(question));
    this.dialog = undefined;
    if (focused instanceof HTMLElement) focused.focus();
    return answer;
  }

  ngOnDestroy(): void {
    this.dialog?.hide();
  }

  private show(question: Question): Promise<string | undefined> {
    return new Promise(resolve => {
      this.dialog = this.modals.show(QuestionDialogComponent, {
        initialState: { question, chosen: resolve },
        ariaLabelledBy: 'modal-title',
        ariaDescribedby: 'ra-question',
        ignoreBackdropClick: true,
        // A dialog ignores Escape while it fades in.
        animated: false,
      });
      // Dismissing the dialog, for example with Escape, is not a choice. After a choice the promise is
      // already settled, and this call has no effect.
      this.dialog.onHidden?.subscribe(() => resolve(undefined));
    });
  }
}

/** Shows a {@link Question}. The quoted text comes from elsewhere and is never treated as markup. */
@Component({
  selector: 'ra-question-dialog',
  imports: [C8yTranslatePipe, IconDirective, ModalComponent, TranslateMessagePipe],
  providers: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <c8y-modal
      [title]="question.title | translate"
      headerClasses="dialog-header"
      [customFooter]="true"
    >
      <ng-container c8y-modal-title>
        <span [c8yIcon]="question.icon" aria-hidden="true"></span>
      </ng-container>
      <div class="p-24" id="ra-question">
        @for (message of question.sentences; track $index) {
          <p [class.m-0]="$last && !question.quoted">{{ message | translateMessage }}</p>
        }
        @if (question.quoted) {
          <pre class="quoted m-0" tabindex="0">{{ question.quoted }}</pre>
        }
      </div>
      <div c8y-modal-footer-custom class="modal-footer">
        @for (choice of question.choices; track choice.value) {
          <button
            type="button"
            class="btn"
            [class.btn-primary]="choice.look === 'primary'"
            [class.btn-danger]="choice.look === 'danger'"
            [class.btn-default]="choice.look === 'default'"
            (click)="choose(choice.value)"
          >
            {{ choice.label | translate }}
          </button>
        }
      </div>
    </c8y-modal>
  `,
  styleUrl: './readable-buttons.css',
  styles: `
    .quoted {
      /* In the order in which the characters follow each other, as in the terminal. */
      direction: ltr;
      unicode-bidi: bidi-override;
      max-height: 40vh;
      overflow: auto;
      overflow-wrap: anywhere;
      white-space: pre-wrap;
    }
  `,
})
export class QuestionDialogComponent {
  protected readonly modal = inject(BsModalRef);
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef);

  // Set through `initialState`.
  question!: Question;
  chosen!: (value: string) => void;

  constructor() {
    // Focus the harmless choice, so that pressing Enter without reading does no harm.
    afterNextRender(() =>
      this.host.nativeElement.querySelector<HTMLElement>('.modal-footer button')?.focus(),
    );
  }

  protected choose(value: string): void {
    this.chosen(value);
    this.modal.hide();
  }
}
