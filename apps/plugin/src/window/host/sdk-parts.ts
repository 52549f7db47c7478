import {
  Injectable,
  signal,
  ChangeDetectionStrategy,
  Component,
  Directive,
  inject,
  input,
  Pipe,
  type PipeTransform,
  ApplicationRef,
  createComponent,
  EnvironmentInjector,
  Injector,
  type Type,
} from '@angular/core';
import { Subject } from 'rxjs';
import { WINDOW_START } from './window-start';

const SHOWN_MS = 8_000;

/** Short messages shown by the window. */
@Injectable({ providedIn: 'root' })
export class AlertService {
  readonly shown = signal('');
  private timer: ReturnType<typeof setTimeout> | undefined;

  warning(text: string): void {
    clearTimeout(this.timer);
    this.shown.set(text);
    this.timer = setTimeout(() => this.shown.set(''), SHOWN_MS);
  }
}

/** Texts in the user's language, with their values. */
@Pipe({ name: 'translate' })
export class C8yTranslatePipe implements PipeTransform {
  private readonly texts = inject(WINDOW_START).texts;

  transform(text: string, values: Readonly<Record<string, unknown>> = {}): string {
    const translated = this.texts[text] ?? text;
    return translated.replace(/{{\s*(\w+)\s*}}/g, (all, name: string) =>
      name in values ? String(values[name]) : all,
    );
  }
}

@Directive({ selector: '[c8yIcon]', host: { '[class]': "'dlt-c8y-icon-' + c8yIcon()" } })
export class IconDirective {
  readonly c8yIcon = input.required<string>();
}

/** The heading that the shell shows in its header, which does not exist here. */
@Component({
  selector: 'c8y-title',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: '',
})
export class TitleComponent {
  readonly pageTitleUpdate = input<boolean>();
}

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
