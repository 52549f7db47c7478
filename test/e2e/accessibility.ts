import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect } from './test';

/**
 * Fails on serious accessibility problems. Colours inside a terminal are not checked: the program
 * chooses them.
 *
 * @param part selector of the part to check
 */
export async function expectAccessible(page: Page, part: string): Promise<void> {
  const look = (): AxeBuilder => new AxeBuilder({ page }).include(part);
  const results = [
    await look().disableRules('color-contrast').analyze(),
    await look().withRules('color-contrast').exclude('.xterm').analyze(),
  ];
  const found = results
    .flatMap(({ violations }) => violations)
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  expect(found).toEqual([]);
}
