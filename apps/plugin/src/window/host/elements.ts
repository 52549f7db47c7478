import {
  ChangeDetectionStrategy,
  Component,
  Directive,
  inject,
  input,
  Pipe,
  type PipeTransform,
} from '@angular/core';
import { WINDOW_START } from './window-start';

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
