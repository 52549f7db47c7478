import { expectAccessible } from './accessibility';
import { EndpointsTab } from './endpoints-tab';
import { PROMPT, screenText } from './terminal-page';
import { expect, test } from './test';

const FACTORY = '1001';

test('favourite and recently used endpoints are found in the navigator, with search', async ({
  page,
  stack,
}) => {
  const tab = new EndpointsTab(page, stack, FACTORY);
  await tab.open();
  const star = page.getByRole('button', { name: 'Favourite: Old controller' });
  const favourites = page.getByRole('region', { name: 'Favourites' });
  const recent = page.getByRole('region', { name: 'Recently used' });

  await test.step('a star marks a favourite, and is still there after a reload', async () => {
    await expect(star).toHaveAttribute('aria-pressed', 'false');
    await star.click();
    await page.reload();
    await expect(star).toHaveAttribute('aria-pressed', 'true');
    await page.getByRole('button', { name: 'Connect to Gateway shell' }).click();
    await expect.poll(() => screenText(page)).toMatch(PROMPT);
    await page.getByRole('button', { name: 'Disconnect' }).click();
    await expect(page.getByRole('button', { name: 'Reconnect' })).toBeVisible();
  });

  await test.step('the page has both lists, and filters them', async () => {
    await page.goto('/apps/devicemanagement/index.html#/favourite-endpoints');
    await expect(favourites.getByRole('link')).toHaveText(/Old controller\s+· Factory gateway/);
    await expect(recent.getByRole('link')).toHaveText(/Gateway shell\s+· Factory gateway/);
    await expectAccessible(page, 'ra-favourites-page');
    await page.getByLabel('Search endpoints').fill('ssh factory');
    await expect(favourites.getByText('No endpoint matches the search.')).toBeVisible();
    await expect(recent.getByRole('link')).toHaveCount(1);
  });

  await test.step('an entry opens its session, and can be forgotten', async () => {
    await page.getByRole('button', { name: 'Forget Gateway shell' }).click();
    await expect(recent.getByRole('link')).toHaveCount(0);
    await page.getByLabel('Search endpoints').fill('');
    await favourites.getByRole('link').click();
    await expect(page).toHaveURL(/\/device\/1001\/remote-access\/\d+$/);
    await expect(page.getByRole('button', { name: 'Disconnect' })).toBeVisible();
  });
});
