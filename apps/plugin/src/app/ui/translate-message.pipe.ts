import { inject, Pipe, type PipeTransform } from '@angular/core';
import { C8yTranslatePipe } from '../host/sdk';
import type { Message } from './message';

/** Shows a {@link Message} in the user's language. */
@Pipe({ name: 'translateMessage', pure: false })
export class TranslateMessagePipe implements PipeTransform {
  private readonly translate = inject(C8yTranslatePipe);

  transform(message: Message): string {
    return this.translate.transform(message.text, message.values ?? {}) as string;
  }
}
