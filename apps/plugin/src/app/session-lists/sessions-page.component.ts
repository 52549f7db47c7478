import { ChangeDetectionStrategy, Component, inject } from '@angular/core';
import { C8yTranslatePipe, TitleComponent } from '../host/sdk';
import { RunningSessions } from './running-sessions';
import { RunningSessionsComponent } from './running-sessions.component';

/** For Administration: the sessions of all gateways. */
@Component({
  selector: 'ra-sessions-page',
  imports: [C8yTranslatePipe, RunningSessionsComponent, TitleComponent],
  providers: [RunningSessions],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <c8y-title>{{ 'Remote access sessions' | translate }}</c8y-title>
    <ra-running-sessions></ra-running-sessions>
  `,
})
export class SessionsPageComponent {
  constructor() {
    inject(RunningSessions).watch();
  }
}
