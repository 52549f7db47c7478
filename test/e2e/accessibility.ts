import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect } from './test';

/**
 * Fails where somebody who cannot see or point would be stuck. The colours of buttons are those of
 * the Web SDK's design and of a tenant's branding, and not ours to choose.
 *
 * @param part selector of what is looked at
 */
export async function expectAccessible(page: Page, part: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).include(part).analyze();
  const found = violations.flatMap(({ id, nodes }) =>
    nodes
      .filter(({ html }) => id !== 'color-contrast' || !/^<(button|a)\b[^>]*\bbtn\b/.test(html))
      .map(({ html }) => `${id}: ${html}`),
  );
  expect(found).toEqual([]);
}
