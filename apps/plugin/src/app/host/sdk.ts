// Everything of the Web SDK that pages and routes use. Only this folder imports the SDK, so
// adapting to a new version takes one place.
export {
  ActionBarItemComponent,
  AlertService,
  C8yTranslatePipe,
  EmptyStateComponent,
  hookNavigator,
  hookRoute,
  IconDirective,
  ListGroupComponent,
  ListItemActionComponent,
  ListItemBodyComponent,
  ListItemComponent,
  ListItemIconComponent,
  LoadingComponent,
  ModalComponent,
  ModalService,
  NavigatorNode,
  TitleComponent,
  ViewContext,
} from '@c8y/ngx-components';
export { BsModalRef, BsModalService } from 'ngx-bootstrap/modal';
