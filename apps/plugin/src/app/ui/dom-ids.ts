import { Injectable } from '@angular/core';

let instances = 0;

/**
 * Ids for elements of components that may occur several times on a page, such as the input of a
 * label. Provided by such a component.
 */
@Injectable()
export class DomIds {
  private readonly number = ++instances;

  of(name: string): string {
    return `${name}-${this.number}`;
  }
}
