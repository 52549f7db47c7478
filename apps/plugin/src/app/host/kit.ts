// The parts of the product's user interface that the pages are made of. Only this folder knows the
// SDK, so that a new version of it is met in one place.
export {
  ActionBarItemComponent,
  AlertService,
  C8yTranslatePipe,
  EmptyStateComponent,
  IconDirective,
  ListGroupComponent,
  ListItemActionComponent,
  ListItemBodyComponent,
  ListItemComponent,
  ListItemIconComponent,
  LoadingComponent,
  ModalComponent,
  ModalService,
  TitleComponent,
} from '@c8y/ngx-components';
export { BsModalRef, BsModalService } from 'ngx-bootstrap/modal';
