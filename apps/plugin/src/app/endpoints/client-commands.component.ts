import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  inject,
  input,
  signal,
} from '@angular/core';
import { BsModalRef, C8yTranslatePipe, IconDirective, ModalComponent } from '../host/sdk';
import { PlatformCalls } from '../host/platform-calls';
import { CopyButtonComponent } from '../ui/copy-button.component';
import { gettext } from '../ui/message';
import { clientCommands, serialOf, type ClientCommand } from './client-commands';
import type { Endpoint } from '@remote-access/contracts';

/** Commands that connect to a passthrough endpoint from the user's computer. */
@Component({
  selector: 'ra-client-commands',
  imports: [C8yTranslatePipe, CopyButtonComponent],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @for (command of commands(); track command.line) {
      <div class="m-b-16">
        <p class="m-b-4">
          {{ purpose[command.purpose] | translate }}
          <span class="text-muted">· {{ command.program }}</span>
        </p>
        <div class="line">
          <code>{{ command.line }}</code>
          <ra-copy-button accessibleName="Copy command" [text]="command.line"></ra-copy-button>
        </div>
      </div>
    }
    <p class="text-muted small m-0">
      {{
        'For bash and zsh. Replace USER with the user name on the server. The programs must be signed in to this tenant. c8ylp also requires the role ROLE_REMOTE_ACCESS_ADMIN.'
          | translate
      }}
    </p>
  `,
  styles: `
    .line {
      display: flex;
      gap: 8px;
      align-items: flex-start;
    }

    code {
      flex: 1 1 auto;
      min-width: 0;
      overflow-wrap: anywhere;
      white-space: pre-wrap;
    }
  `,
})
export class ClientCommandsComponent {
  private readonly platform = inject(PlatformCalls);

  readonly deviceId = input.required<string>();
  readonly endpointName = input.required<string>();
  /** The port of the server. */
  readonly port = input.required<number>();

  private readonly serial = signal<string | undefined>(undefined);
  protected readonly commands = computed(() =>
    clientCommands({
      deviceId: this.deviceId(),
      endpointName: this.endpointName(),
      port: this.port(),
      serial: this.serial(),
    }),
  );
  protected readonly purpose: Readonly<Record<ClientCommand['purpose'], string>> = {
    browser: gettext('Open the page of the device in the browser'),
    desktop: gettext('Open the screen in a VNC viewer'),
    server: gettext('Open a local port'),
    ssh: gettext('Open an SSH session'),
    'proxy-command': gettext('Connect with ssh as a ProxyCommand'),
  };

  constructor() {
    effect(() => {
      void serialOf(this.platform, this.deviceId()).then(serial => this.serial.set(serial));
    });
  }
}

/** Shows the {@link ClientCommandsComponent} of an endpoint in a dialog. */
@Component({
  selector: 'ra-commands-dialog',
  imports: [C8yTranslatePipe, ClientCommandsComponent, IconDirective, ModalComponent],
  changeDetection: ChangeDetectionStrategy.OnPush,
  styleUrl: '../ui/readable-buttons.css',
  template: `
    <c8y-modal
      [title]="'Connect with a local client' | translate"
      headerClasses="dialog-header"
      [customFooter]="true"
    >
      <ng-container c8y-modal-title>
        <span c8yIcon="exchange" aria-hidden="true"></span>
      </ng-container>
      <div class="p-24">
        <p class="text-medium text-break-word">{{ endpoint.name }}</p>
        <ra-client-commands
          [deviceId]="deviceId"
          [endpointName]="endpoint.name"
          [port]="endpoint.port"
        ></ra-client-commands>
      </div>
      <div c8y-modal-footer-custom class="modal-footer">
        <button type="button" class="btn btn-default" (click)="modal.hide()">
          {{ 'Close' | translate }}
        </button>
      </div>
    </c8y-modal>
  `,
})
export class CommandsDialogComponent {
  protected readonly modal = inject(BsModalRef);

  // Set through `initialState`.
  endpoint!: Endpoint;
  deviceId!: string;
}
