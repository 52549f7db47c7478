import { ChangeDetectionStrategy, Component, output, signal } from '@angular/core';
import { C8yTranslatePipe } from '../host/sdk';
import { gettext } from '../ui/message';
import type { PowerAction } from './novnc-screen';

interface Choice {
  readonly action: PowerAction;
  readonly label: string;
  readonly question: string;
}

const CHOICES: readonly Choice[] = [
  {
    action: 'shutdown',
    label: gettext('Shut down'),
    question: gettext('Shut down the machine? You cannot start it again from here.'),
  },
  {
    action: 'reboot',
    label: gettext('Restart'),
    question: gettext('Restart the machine? Running programs will be closed.'),
  },
  {
    action: 'reset',
    label: gettext('Reset'),
    question: gettext('Reset the machine immediately? Unsaved data will be lost.'),
  },
];

/** Shuts down, restarts or resets the remote computer (RFB's XVP extension), after confirmation. */
@Component({
  selector: 'ra-desktop-power-panel',
  imports: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="group" role="group" [attr.aria-label]="'Power' | translate">
      @if (pending(); as pending) {
        <p class="m-0" role="alert">{{ pending.question | translate }}</p>
        <div class="row">
          <button type="button" class="btn btn-default btn-sm" (click)="cancel()">
            {{ 'Cancel' | translate }}
          </button>
          <button type="button" class="btn btn-danger btn-sm" (click)="confirm(pending)">
            {{ pending.label | translate }}
          </button>
        </div>
      } @else {
        <div class="row">
          @for (choice of choices; track choice.action) {
            <button type="button" class="btn btn-default btn-sm" (click)="pending.set(choice)">
              {{ choice.label | translate }}
            </button>
          }
        </div>
      }
    </div>
  `,
  styleUrl: './desktop-panel.css',
})
export class DesktopPowerPanelComponent {
  readonly chosen = output<PowerAction>();

  protected readonly choices = CHOICES;
  protected readonly pending = signal<Choice | undefined>(undefined);

  protected cancel(): void {
    this.pending.set(undefined);
  }

  protected confirm({ action }: Choice): void {
    this.pending.set(undefined);
    this.chosen.emit(action);
  }
}
