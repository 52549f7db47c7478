import { expect, tab, test } from './test';

test('a device that does not declare remote access has no tab for it', async ({
  page,
  signIn,
  openDevice,
}) => {
  await signIn('engineer');
  await openDevice('Weather station');
  await expect(tab(page, 'Control')).toBeVisible();
  await expect(page.getByText('Remote access', { exact: true })).toHaveCount(0);
});
