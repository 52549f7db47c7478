import { Injectable } from '@angular/core';

let instances = 0;

/**
 * Ids for elements of components of which a page may have several, such as a label's input.
 * Provided by the component that is there several times.
 */
@Injectable()
export class DomIds {
  private readonly number = ++instances;

  of(name: string): string {
    return `${name}-${this.number}`;
  }
}
