import { inject, Pipe, type PipeTransform } from '@angular/core';
import { C8yTranslatePipe } from '../host/kit';
import type { Words } from './words';

/** Shows {@link Words} in the user's language, places filled. */
@Pipe({ name: 'say', pure: false })
export class SayPipe implements PipeTransform {
  private readonly translate = inject(C8yTranslatePipe);

  transform(words: Words): string {
    return this.translate.transform(words.text, words.values ?? {}) as string;
  }
}
