import '@c8y/ngx-components/locales/de.po';
import '@c8y/ngx-components/locales/en.po';
import './locales/de.po';
import { loadMetaDataAndPerformBootstrap } from '@c8y/bootstrap';

/** The loading indicator in the index.html of the builder. */
const loading = document.querySelector('.init-load');

// The dynamic import lets module federation resolve the shared modules first.
loadMetaDataAndPerformBootstrap(() => import('./bootstrap')).then(
  () => loading?.remove(),
  (error: unknown) => {
    console.error(error);
    loading?.replaceChildren('The application could not be started. Reload the page.');
  },
);
