import '@c8y/ngx-components/locales/de.po';
import '@c8y/ngx-components/locales/en.po';
import { loadMetaDataAndPerformBootstrap } from '@c8y/bootstrap';

/** What the page shows while it loads; the builder's index.html has it. */
const loading = document.querySelector('.init-load');

// The dynamic import is what lets module federation settle the shared modules first.
loadMetaDataAndPerformBootstrap(() => import('./bootstrap')).then(
  () => loading?.remove(),
  (error: unknown) => {
    console.error(error);
    loading?.replaceChildren('The application could not be started. Reload the page.');
  },
);
