import { runTarget } from './run-target';
import { startSmallVncServer } from './small-vnc-server';
import { hasXPanel, startXPanel } from './x-panel';

runTarget(port => (hasXPanel() ? startXPanel(port) : startSmallVncServer()));
