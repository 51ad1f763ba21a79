import { render } from 'preact';
import '@xterm/xterm/css/xterm.css';
import { App } from './app';
import './style.css';

render(<App />, document.getElementById('page')!);
