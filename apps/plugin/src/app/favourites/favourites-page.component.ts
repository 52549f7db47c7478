import { ChangeDetectionStrategy, Component, computed, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { PROTOCOL_ICONS, PROTOCOL_LABELS } from '../endpoints/endpoint-labels';
import { currentUserName } from '../host/page-context';
import { C8yTranslatePipe, IconDirective, TitleComponent } from '../host/sdk';
import { gettext } from '../ui/message';
import { type KnownEndpoint, KnownEndpoints, matching } from './known-endpoints';

/** For Device Management's navigator: favourite and recently used endpoints of all gateways. */
@Component({
  selector: 'ra-favourites-page',
  imports: [C8yTranslatePipe, IconDirective, RouterLink, TitleComponent],
  changeDetection: ChangeDetectionStrategy.OnPush,
  styleUrl: '../ui/readable-buttons.css',
  styles: `
    .search {
      max-width: 320px;
    }

    .endpoint {
      display: flex;
      gap: 12px;
      align-items: center;
      padding: 8px 0;
    }

    .endpoint a {
      flex: 1 1 auto;
      min-width: 0;
      color: var(--ra-readable-brand);
      overflow-wrap: anywhere;
    }

    .endpoint .btn {
      margin: 0;
    }
  `,
  template: `
    <c8y-title>{{ 'Favourite endpoints' | translate }}</c8y-title>
    <label class="d-block search m-b-16" for="ra-favourites-search">
      {{ 'Search endpoints' | translate }}
      <input
        #text
        id="ra-favourites-search"
        type="search"
        class="form-control"
        [value]="search()"
        (input)="search.set(text.value)"
      />
    </label>
    @for (list of lists(); track list.title) {
      <section class="card" [attr.aria-label]="list.title | translate">
        <div class="card-header separator">
          <h2 class="card-title">{{ list.title | translate }}</h2>
        </div>
        <div class="card-block">
          <ul class="list-unstyled m-0">
            @for (one of list.endpoints; track one.deviceId + '/' + one.endpointId) {
              <li class="endpoint">
                <i [c8yIcon]="icons[one.protocol] ?? 'terminal'" aria-hidden="true"></i>
                <a [routerLink]="['/device', one.deviceId, 'remote-access', one.endpointId]">
                  {{ one.endpointName }}
                  <span class="text-muted">
                    · {{ one.deviceName }} · {{ labels[one.protocol] ?? one.protocol | translate }}
                  </span>
                </a>
                <button
                  type="button"
                  class="btn btn-default btn-sm"
                  [attr.aria-label]="'Forget {{ name }}' | translate: { name: one.endpointName }"
                  (click)="forget(one)"
                >
                  {{ 'Forget' | translate }}
                </button>
              </li>
            } @empty {
              <li class="text-muted">{{ (search() ? noMatch : list.none) | translate }}</li>
            }
          </ul>
        </div>
      </section>
    }
  `,
})
export class FavouritesPageComponent {
  private readonly known = new KnownEndpoints(localStorage, currentUserName());
  private readonly favourites = signal(this.known.favourites);
  private readonly recent = signal(this.known.recent);

  protected readonly search = signal('');
  protected readonly icons: Readonly<Record<string, string>> = PROTOCOL_ICONS;
  protected readonly labels: Readonly<Record<string, string>> = PROTOCOL_LABELS;
  protected readonly noMatch = gettext('No endpoint matches the search.');
  protected readonly lists = computed(() => [
    {
      title: gettext('Favourites'),
      endpoints: matching(this.favourites(), this.search()),
      none: gettext('Mark endpoints with the star on the Remote access tab of a gateway.'),
    },
    {
      title: gettext('Recently used'),
      endpoints: matching(this.recent(), this.search()),
      none: gettext('Endpoints that you connect to appear here.'),
    },
  ]);

  protected forget(endpoint: KnownEndpoint): void {
    this.known.forget(endpoint);
    this.favourites.set(this.known.favourites);
    this.recent.set(this.known.recent);
  }
}
