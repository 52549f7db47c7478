import '@c8y/ngx-components/locales/en.po';
import { loadMetaDataAndPerformBootstrap } from '@c8y/bootstrap';

// The dynamic import is what lets module federation settle the shared modules first.
void loadMetaDataAndPerformBootstrap(() => import('./bootstrap'));
