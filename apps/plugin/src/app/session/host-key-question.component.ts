import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  input,
  output,
  viewChild,
  type ElementRef,
  inject,
} from '@angular/core';
import type { HostKeyAnswer, HostKeyMessage } from '@remote-access/contracts';
import { C8yTranslatePipe, IconDirective } from '../host/sdk';
import { DomIds } from '../ui/dom-ids';

/** Asks the user to verify the server's host key. */
@Component({
  selector: 'ra-host-key-question',
  imports: [C8yTranslatePipe, IconDirective],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div
      class="ra-card"
      role="alertdialog"
      [attr.aria-labelledby]="ids.of('host-key-title')"
      [attr.aria-describedby]="ids.of('host-key-text') + ' ' + ids.of('host-key-facts')"
    >
      <h2 [id]="ids.of('host-key-title')" class="h4 m-t-0 m-b-8">
        <i c8yIcon="key" aria-hidden="true"></i>
        {{ 'Is this the right server?' | translate }}
      </h2>
      <p [id]="ids.of('host-key-text')">
        {{
          'Its host key is not pinned to this endpoint. Compare the fingerprint with the one you got from the operator of the server. If they differ, someone may be intercepting the connection.'
            | translate
        }}
      </p>
      <div class="key">
        <dl [id]="ids.of('host-key-facts')" class="m-0">
          <dt>{{ 'Key type' | translate }}</dt>
          <dd>{{ key().keyType }}</dd>
          <dt>SHA256</dt>
          <dd class="fingerprint">{{ fingerprint(key().sha256) }}</dd>
          <dt>MD5</dt>
          <dd class="fingerprint">{{ fingerprint(key().md5) }}</dd>
        </dl>
        @if (key().randomart) {
          <pre class="picture m-0" role="img" [attr.aria-label]="'Randomart image' | translate">{{
            key().randomart
          }}</pre>
        }
      </div>
      <div class="ra-card-actions">
        <button #abort type="button" class="btn btn-default" (click)="answered.emit('abort')">
          {{ 'Abort' | translate }}
        </button>
        <button type="button" class="btn btn-default" (click)="answered.emit('once')">
          {{ 'Connect once' | translate }}
        </button>
        <button type="button" class="btn btn-primary" (click)="answered.emit('save')">
          {{ 'Save and connect' | translate }}
        </button>
      </div>
    </div>
  `,
  styleUrl: './question-card.css',
})
export class HostKeyQuestionComponent {
  protected readonly ids = inject(DomIds);
  readonly key = input.required<HostKeyMessage>();
  /** Whether the user's input goes to this session rather than to another. */
  readonly takesFocus = input(true);
  readonly answered = output<HostKeyAnswer>();

  private readonly abort = viewChild.required<ElementRef<HTMLElement>>('abort');

  constructor() {
    // Focus Abort, so that a user who keeps typing does not accept the key without looking.
    afterNextRender(() => {
      if (this.takesFocus()) this.abort().nativeElement.focus();
    });
  }

  /** Removes the name of the algorithm, which is shown separately. */
  protected fingerprint(text: string): string {
    return text.replace(/^(SHA256|MD5):/, '');
  }
}
