import { ChangeDetectionStrategy, Component, input } from '@angular/core';
import type { KeyDescription } from '@remote-access/contracts';
import { C8yTranslatePipe } from '../../host/kit';

/** What a key is: so that two people can tell that they mean the same one. */
@Component({
  selector: 'ra-key-facts',
  imports: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <dl>
      <dt>{{ 'Algorithm' | translate }}</dt>
      <dd>{{ key().algorithm }}, {{ '{{ bits }} bits' | translate: { bits: key().bits } }}</dd>
      <dt>{{ 'Fingerprint' | translate }}</dt>
      <dd class="fingerprint">{{ key().sha256 }}</dd>
      @if (key().comment; as comment) {
        <dt>{{ 'Comment' | translate }}</dt>
        <dd>{{ comment }}</dd>
      }
      <ng-content></ng-content>
    </dl>
  `,
  styles: `
    dl {
      display: grid;
      grid-template-columns: max-content minmax(0, 1fr);
      gap: 2px 12px;
      margin: 0 0 16px;
      font-size: 12px;
      overflow-wrap: anywhere;
    }

    dt {
      font-weight: 400;
      color: var(--c8y-text-muted, inherit);
    }

    dd {
      margin: 0;
    }

    .fingerprint {
      font-family: monospace;
    }
  `,
})
export class KeyFactsComponent {
  readonly key =
    input.required<Pick<KeyDescription, 'algorithm' | 'bits' | 'sha256' | 'comment'>>();
}
