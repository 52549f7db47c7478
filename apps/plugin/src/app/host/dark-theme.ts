import { inject, type Signal } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { ThemeSwitcherService } from '@c8y/ngx-components';
import { combineLatest, map } from 'rxjs';

/** Whether the application is shown in dark colours. */
export function darkTheme(): Signal<boolean> {
  const themes = inject(ThemeSwitcherService);
  const dark = combineLatest([themes.currentlyAppliedTheme$, themes.darkThemeAvailable$]).pipe(
    map(([theme, available]) => available && theme === 'dark'),
  );
  return toSignal(dark, { initialValue: false });
}
