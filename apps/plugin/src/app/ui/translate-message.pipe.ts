import { inject, Pipe, type PipeTransform } from '@angular/core';
import { C8yTranslatePipe } from '../host/sdk';
import type { Message } from './message';
import { pageLanguage } from './page-language';

/** Shows a {@link Message} in the user's language. */
@Pipe({ name: 'translateMessage', pure: false })
export class TranslateMessagePipe implements PipeTransform {
  private readonly translate = inject(C8yTranslatePipe);

  transform({ text, values = {} }: Message): string {
    const filled = Object.entries(values).map(([name, value]) => {
      if (typeof value === 'string') return [name, value] as const;
      return [name, 'text' in value ? this.transform(value) : this.list(value)] as const;
    });
    return this.translate.transform(text, Object.fromEntries(filled)) as string;
  }

  private list(texts: readonly string[]): string {
    const translated = texts.map(text => this.translate.transform(text) as string);
    return new Intl.ListFormat(pageLanguage()).format(translated);
  }
}
