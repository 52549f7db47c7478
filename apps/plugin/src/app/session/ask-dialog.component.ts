import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  ElementRef,
  inject,
} from '@angular/core';
import { BsModalRef, C8yTranslatePipe, IconDirective, ModalComponent } from '../host/kit';
import { SayPipe } from '../ui/say.pipe';
import type { Ask } from './ask-desk';

/** One question with its choices; what is quoted is somebody's text: never markup. */
@Component({
  selector: 'ra-ask-dialog',
  imports: [C8yTranslatePipe, IconDirective, ModalComponent, SayPipe],
  providers: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <c8y-modal [title]="ask.title | translate" headerClasses="dialog-header" [customFooter]="true">
      <ng-container c8y-modal-title>
        <span [c8yIcon]="ask.icon" aria-hidden="true"></span>
      </ng-container>
      <div class="p-24" id="ra-ask">
        @for (words of ask.sentences; track $index) {
          <p [class.m-0]="$last && !ask.quoted">{{ words | say }}</p>
        }
        @if (ask.quoted) {
          <pre class="quoted m-0" tabindex="0">{{ ask.quoted }}</pre>
        }
      </div>
      <div c8y-modal-footer-custom class="modal-footer">
        @for (choice of ask.choices; track choice.value) {
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
  styleUrl: '../ui/readable-buttons.css',
  styles: `
    .quoted {
      max-height: 40vh;
      overflow: auto;
      overflow-wrap: anywhere;
      white-space: pre-wrap;
    }
  `,
})
export class AskDialogComponent {
  protected readonly modal = inject(BsModalRef);
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef);

  // Set by who opens the dialog.
  ask!: Ask;
  chosen!: (value: string) => void;

  constructor() {
    // The first choice is the harmless one: Enter must not do what was not read.
    afterNextRender(() =>
      this.host.nativeElement.querySelector<HTMLElement>('.modal-footer button')?.focus(),
    );
  }

  protected choose(value: string): void {
    this.chosen(value);
    this.modal.hide();
  }
}
