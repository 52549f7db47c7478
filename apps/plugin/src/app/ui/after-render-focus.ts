import { afterNextRender, ElementRef, inject, Injectable, Injector } from '@angular/core';

/**
 * Focuses an element that the next render adds. Provide it in the component that contains the
 * element.
 */
@Injectable()
export class AfterRenderFocus {
  private readonly injector = inject(Injector);
  private readonly element = inject<ElementRef<HTMLElement>>(ElementRef);

  on(selector: string): void {
    afterNextRender(
      () => this.element.nativeElement.querySelector<HTMLElement>(selector)?.focus(),
      { injector: this.injector },
    );
  }
}
