import { render } from 'preact';
import { askOtherTabs } from './api/account';
import { App } from './app';
import { applyTheme } from './ui/theme';
import './style/base.css';
import './style/layout.css';
import './style/parts.css';
import './style/figures.css';
import './style/pages.css';

applyTheme();
await askOtherTabs();
render(<App />, document.getElementById('app')!);
