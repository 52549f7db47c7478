import {
  ApplicationRef,
  ChangeDetectionStrategy,
  Component,
  createComponent,
  EnvironmentInjector,
  inject,
  Injectable,
  Injector,
  input,
  type Type,
} from '@angular/core';
import { Subject } from 'rxjs';

/** An open dialog. */
export class BsModalRef<Content = unknown> {
  content?: Content;
  readonly onHidden = new Subject<void>();

  hide(): void {
    this.onHidden.next();
    this.onHidden.complete();
  }
}

interface DialogOptions {
  readonly initialState: object;
  readonly ariaLabelledBy: string;
  readonly ariaDescribedby?: string;
  readonly ignoreBackdropClick?: boolean;
  readonly animated?: boolean;
}

/** Shows components in the browser's modal dialogs, like the SDK does in its own. */
@Injectable({ providedIn: 'root' })
export class BsModalService {
  private readonly application = inject(ApplicationRef);
  private readonly environment = inject(EnvironmentInjector);

  show<Content extends object>(
    component: Type<Content>,
    { initialState, ariaLabelledBy, ariaDescribedby }: DialogOptions,
  ): BsModalRef<Content> {
    const reference = new BsModalRef<Content>();
    const dialog = document.createElement('dialog');
    dialog.className = 'modal-content dialog';
    dialog.setAttribute('aria-labelledby', ariaLabelledBy);
    if (ariaDescribedby) dialog.setAttribute('aria-describedby', ariaDescribedby);
    const content = createComponent(component, {
      hostElement: dialog.appendChild(document.createElement('div')),
      environmentInjector: this.environment,
      elementInjector: Injector.create({
        providers: [{ provide: BsModalRef, useValue: reference }],
      }),
    });
    Object.assign(content.instance, initialState);
    reference.content = content.instance;
    this.application.attachView(content.hostView);
    document.body.append(dialog);
    // Fired by Escape.
    dialog.addEventListener('cancel', event => {
      event.preventDefault();
      reference.hide();
    });
    reference.onHidden.subscribe(() => {
      content.destroy();
      dialog.remove();
    });
    content.changeDetectorRef.detectChanges();
    dialog.showModal();
    return reference;
  }
}

/** The frame of a dialog. */
@Component({
  selector: 'c8y-modal',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="modal-header" [class]="headerClasses()">
      <ng-content select="[c8y-modal-title]"></ng-content>
      <h2 id="modal-title" class="modal-title h4">{{ title() }}</h2>
    </div>
    <div class="modal-inner-scroll"><ng-content></ng-content></div>
    <ng-content select="[c8y-modal-footer-custom]"></ng-content>
  `,
})
export class ModalComponent {
  readonly title = input('');
  readonly headerClasses = input('');
  readonly customFooter = input(false);
}
