// Replaces app/host/sdk.ts in this page: what sessions use of the Web SDK.
export { AlertService } from './alerts';
export { BsModalRef, BsModalService, ModalComponent } from './dialogs';
export { C8yTranslatePipe, IconDirective, TitleComponent } from './elements';
