import {
  ChangeDetectionStrategy,
  Component,
  computed,
  inject,
  input,
  type OnInit,
} from '@angular/core';
import { ReactiveFormsModule } from '@angular/forms';
import { ENCODINGS, type Protocol, PROTOCOLS } from '@remote-access/contracts';
import { C8yTranslatePipe } from '../../host/sdk';
import { FieldComponent } from '../../ui/field.component';
import { TranslateMessagePipe } from '../../ui/translate-message.pipe';
import { gettext, type Message } from '../../ui/message';
import { ENCODING_LABELS, PROTOCOL_LABELS } from '../endpoint-labels';
import { KEY_CHOICES } from '../key-choices';
import { DraftControlDirective, DraftForm } from './draft-form';

/** The protocol, with warnings about it. */
@Component({
  selector: 'ra-protocol-fields',
  imports: [
    C8yTranslatePipe,
    DraftControlDirective,
    FieldComponent,
    ReactiveFormsModule,
    TranslateMessagePipe,
  ],
  providers: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <ra-field for="ra-protocol" label="Protocol" [problem]="problem()">
      <div class="c8y-select-wrapper">
        <select
          raDraft="protocol"
          [formControl]="draft.form.controls.protocol"
          (focus)="before = draft.value().protocol"
          (change)="chosen()"
        >
          @for (protocol of protocols; track protocol) {
            <option [value]="protocol" [disabled]="!allowed().includes(protocol)">
              {{ labels[protocol] | translate }}
            </option>
          }
        </select>
      </div>
    </ra-field>
    @if (limit(); as limit) {
      <p class="text-muted small">{{ limit | translateMessage }}</p>
    }
    @switch (draft.value().protocol) {
      @case ('TELNET') {
        <p class="alert alert-warning">
          {{
            'Telnet is not encrypted. Others on the network between the gateway and the server can read everything, including passwords. Use SSH if you can.'
              | translate
          }}
        </p>
      }
      @case ('PASSTHROUGH') {
        <p class="alert alert-info">
          {{
            'Passthrough carries any TCP connection for a client on your computer, such as remote-access, c8ylp or go-c8y-cli. It does not open in the browser.'
              | translate
          }}
        </p>
      }
    }
  `,
})
export class ProtocolFieldsComponent {
  protected readonly draft = inject(DraftForm);

  /** The protocols that the gateway allows. */
  readonly allowed = input.required<readonly Protocol[]>();

  protected readonly labels = PROTOCOL_LABELS;
  protected readonly protocols = Object.keys(PROTOCOL_LABELS) as Protocol[];
  protected before = this.draft.value().protocol;

  protected readonly problem = computed((): Message | undefined =>
    this.allowed().includes(this.draft.value().protocol)
      ? this.draft.problem('protocol')
      : { text: gettext('The gateway does not allow this protocol.') },
  );

  protected readonly limit = computed((): Message | undefined =>
    this.allowed().length === PROTOCOLS.length
      ? undefined
      : {
          text: gettext('This gateway allows only {{ protocols }}.'),
          values: {
            protocols: this.protocols
              .filter(protocol => this.allowed().includes(protocol))
              .map(protocol => this.labels[protocol])
              .join(', '),
          },
        },
  );

  protected chosen(): void {
    this.draft.protocolChosen(this.before);
    this.before = this.draft.value().protocol;
  }
}

/** The options of the chosen protocol. */
@Component({
  selector: 'ra-protocol-options',
  imports: [C8yTranslatePipe, DraftControlDirective, FieldComponent, ReactiveFormsModule],
  changeDetection: ChangeDetectionStrategy.OnPush,
  styles: `
    /* The product's styles hide the marker. */
    summary {
      display: list-item;
      cursor: pointer;
    }
  `,
  template: `
    @if (draft.shows('encoding')) {
      <ra-field
        for="ra-encoding"
        label="Character encoding"
        hint="Encoding of the remote terminal. Older machines often do not use UTF-8."
        [problem]="draft.problem('encoding')"
      >
        <div class="c8y-select-wrapper">
          <select raDraft="encoding" [formControl]="draft.form.controls.encoding">
            @for (encoding of encodings; track encoding) {
              <option [value]="encoding">{{ label[encoding] | translate }}</option>
            }
          </select>
        </div>
      </ra-field>
    }
    @if (draft.shows('command')) {
      <ra-field
        for="ra-command"
        label="Command to run"
        hint="Runs in place of a shell, for devices that only accept commands. Usually empty."
        [problem]="draft.problem('command')"
      >
        <input raDraft="command" [formControl]="draft.form.controls.command" autocomplete="off" />
      </ra-field>
    }
    @if (draft.shows('locale')) {
      <ra-field
        for="ra-locale"
        label="Locale"
        hint="Language and character set that programs on the server use, such as en_US.UTF-8. If empty, the server decides."
        [problem]="draft.problem('locale')"
      >
        <input raDraft="locale" [formControl]="draft.form.controls.locale" autocomplete="off" />
      </ra-field>
    }
    @if (draft.shows('backspace')) {
      <details class="m-b-16" [open]="hasOwnKeys">
        <summary>{{ 'Keys for older systems' | translate }}</summary>
        @for (key of keys; track key.field) {
          <ra-field [for]="'ra-' + key.field" [label]="key.label">
            <div class="c8y-select-wrapper">
              <select [raDraft]="key.field" [formControl]="draft.form.controls[key.field]">
                @for (choice of key.choices; track choice[0]) {
                  <option [value]="choice[0]">{{ choice[1] | translate }}</option>
                }
              </select>
            </div>
          </ra-field>
        }
      </details>
    }
    @if (draft.shows('localEcho')) {
      <label class="c8y-checkbox m-b-8">
        <input type="checkbox" [formControl]="draft.form.controls.localEcho" />
        <span></span>
        <span>{{
          'Local echo: show what you type even if the server does not echo it' | translate
        }}</span>
      </label>
    }
    @if (draft.shows('legacyAlgorithms')) {
      <label class="c8y-checkbox m-b-8">
        <input type="checkbox" [formControl]="draft.form.controls.legacyAlgorithms" />
        <span></span>
        <span>{{ 'Allow weak algorithms' | translate }}</span>
      </label>
      <div aria-live="polite">
        @if (draft.value().legacyAlgorithms) {
          <p class="alert alert-warning">
            {{
              'Weak ciphers and signatures are accepted, for servers that support no others. Someone on the network between the gateway and the server may be able to read the session. Update the server if you can.'
                | translate
            }}
          </p>
        }
      </div>
    }
    @if (draft.shows('viewOnly')) {
      <label class="c8y-checkbox m-b-8">
        <input type="checkbox" [formControl]="draft.form.controls.viewOnly" />
        <span></span>
        <span>{{
          'View only: no keyboard, pointer or clipboard input is passed on, and other viewers stay connected'
            | translate
        }}</span>
      </label>
    }
    @if (draft.shows('shared') && !draft.value().viewOnly) {
      <label class="c8y-checkbox m-b-8">
        <input type="checkbox" [formControl]="draft.form.controls.shared" />
        <span></span>
        <span>{{ 'Shared: other viewers stay connected' | translate }}</span>
      </label>
    }
    @if (draft.shows('allowUnencryptedSignIn')) {
      <label class="c8y-checkbox m-b-8">
        <input type="checkbox" [formControl]="draft.form.controls.allowUnencryptedSignIn" />
        <span></span>
        <span>{{ 'Allow unencrypted sign-in' | translate }}</span>
      </label>
      <div aria-live="polite">
        @if (draft.value().allowUnencryptedSignIn) {
          <p class="alert alert-warning">
            {{
              'Username and password are sent unencrypted if the server offers no protection for them. Someone on the network between the gateway and the server can read them. Enable TLS on the server if you can.'
                | translate
            }}
          </p>
        }
      </div>
    }
  `,
})
export class ProtocolOptionsComponent implements OnInit {
  protected readonly draft = inject(DraftForm);
  protected readonly encodings = ENCODINGS;
  protected readonly label = ENCODING_LABELS;
  protected readonly keys = KEY_CHOICES;
  /** Expanded initially if the endpoint differs from the defaults. */
  protected hasOwnKeys = false;

  // The constructor runs before the form has the values of the endpoint.
  ngOnInit(): void {
    const value = this.draft.value();
    this.hasOwnKeys = KEY_CHOICES.some(({ field, choices }) => value[field] !== choices[0]?.[0]);
  }
}
