import { afterNextRender, ElementRef, inject, Injectable, Injector } from '@angular/core';

/** Moves the focus to what is about to appear. To be provided by the component that it is in. */
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
