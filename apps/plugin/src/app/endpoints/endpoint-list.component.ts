import { ChangeDetectionStrategy, Component, input, output } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { Endpoint } from '@remote-access/contracts';
import {
  C8yTranslatePipe,
  IconDirective,
  ListGroupComponent,
  ListItemActionComponent,
  ListItemBodyComponent,
  ListItemComponent,
  ListItemIconComponent,
} from '../host/kit';
import { PROTOCOL_LOOK } from './protocol-look';

/** The endpoints of a gateway, one row each, with the way into a session. */
@Component({
  selector: 'ra-endpoint-list',
  imports: [
    C8yTranslatePipe,
    IconDirective,
    ListGroupComponent,
    ListItemActionComponent,
    ListItemBodyComponent,
    ListItemComponent,
    ListItemIconComponent,
    RouterLink,
  ],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <c8y-list-group role="list" [attr.aria-label]="'Endpoints' | translate">
      @for (endpoint of endpoints(); track endpoint.id) {
        <c8y-li role="listitem">
          <c8y-li-icon>
            <i [c8yIcon]="look(endpoint).icon" aria-hidden="true"></i>
          </c8y-li-icon>
          <c8y-li-body>
            <div class="row-line">
              <div class="facts">
                <p class="text-medium text-break-word m-0">{{ endpoint.name }}</p>
                <p class="text-muted text-break-word small m-0">
                  {{ look(endpoint).label | translate }} · {{ address(endpoint) }}
                </p>
              </div>
              @if (endpoint.protocol === 'PASSTHROUGH') {
                <span class="text-muted small">{{ 'With a local client' | translate }}</span>
              } @else {
                <a
                  class="btn btn-primary btn-sm"
                  role="button"
                  [routerLink]="['/device', deviceId(), 'remote-access', endpoint.id]"
                  [attr.aria-label]="'Connect to {{ name }}' | translate: { name: endpoint.name }"
                  (keydown.space)="$event.preventDefault(); link.click()"
                  #link
                  >{{ 'Connect' | translate }}</a
                >
              }
            </div>
          </c8y-li-body>
          @if (configures()) {
            <c8y-li-action
              icon="pencil"
              [label]="'Edit' | translate"
              (click)="edit.emit(endpoint)"
            ></c8y-li-action>
          }
          @if (configures()) {
            <c8y-li-action
              icon="trash"
              [label]="'Remove' | translate"
              (click)="remove.emit(endpoint)"
            ></c8y-li-action>
          }
        </c8y-li>
      }
    </c8y-list-group>
  `,
  styles: `
    .row-line {
      display: flex;
      flex-wrap: wrap;
      gap: 8px 16px;
      align-items: center;
    }

    .facts {
      flex: 1 1 200px;
      min-width: 0;
    }
  `,
})
export class EndpointListComponent {
  readonly deviceId = input.required<string>();
  readonly endpoints = input.required<Endpoint[]>();
  readonly configures = input.required<boolean>();
  readonly edit = output<Endpoint>();
  readonly remove = output<Endpoint>();

  protected look({ protocol }: Endpoint): { label: string; icon: string } {
    // The list may hold what a newer version wrote.
    return PROTOCOL_LOOK[protocol] ?? { label: protocol, icon: 'terminal' };
  }

  protected address({ hostname, port }: Endpoint): string {
    return hostname.includes(':') ? `[${hostname}]:${port}` : `${hostname}:${port}`;
  }
}
