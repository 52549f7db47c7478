/**
 * The parts of noVNC 1.7.0 that this plugin uses, after its docs/API.md; the package contains no
 * types.
 */
declare module '@novnc/novnc' {
  interface RfbEvents {
    bell: object;
    capabilities: { capabilities: { power: boolean } };
    clipboard: { text: string };
    connect: object;
    credentialsrequired: { types: string[] };
    desktopname: { name: string };
    disconnect: { clean: boolean };
    securityfailure: { status: number; reason?: string };
    serververification: { type: string; publickey: Uint8Array<ArrayBuffer> };
  }

  export default class RFB {
    constructor(target: HTMLElement, channel: object, options?: { shared?: boolean });
    background: string;
    clipViewport: boolean;
    compressionLevel: number;
    dragViewport: boolean;
    focusOnClick: boolean;
    qualityLevel: number;
    resizeSession: boolean;
    scaleViewport: boolean;
    showDotCursor: boolean;
    viewOnly: boolean;
    addEventListener<Name extends keyof RfbEvents>(
      name: Name,
      listener: (event: CustomEvent<RfbEvents[Name]>) => void,
    ): void;
    approveServer(): void;
    clipboardPasteFrom(text: string): void;
    disconnect(): void;
    focus(options?: FocusOptions): void;
    machineReboot(): void;
    machineReset(): void;
    machineShutdown(): void;
    sendCredentials(credentials: Record<string, string>): void;
    sendKey(keysym: number, code: string, down?: boolean): void;
    toBlob(callback: (blob: Blob | null) => void, type?: string): void;
  }
}
