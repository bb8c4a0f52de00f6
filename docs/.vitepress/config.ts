import { defineConfig } from 'vitepress';

export default defineConfig({
  title: 'Setpoint',
  description: 'The Kubernetes operator framework for TypeScript',
  outDir: '../build/site',
  cacheDir: '../build/site-cache',
  cleanUrls: true,
  lastUpdated: false,
  markdown: { theme: { light: 'github-light', dark: 'github-dark' } },
  themeConfig: {
    search: { provider: 'local' },
    outline: { level: [2, 3] },
    nav: [
      { text: 'Ten minutes', link: '/tutorial' },
      { text: 'Semantics', link: '/semantics' },
      // Pages of another tool: read as a whole new page, not by this site's router.
      { text: 'API', link: '/api/index.html', target: '_self' },
    ],
    sidebar: [
      {
        text: 'Begin',
        items: [
          { text: 'An operator in ten minutes', link: '/tutorial' },
          { text: 'EasyService', link: '/easyservice' },
          { text: 'Coming from kubebuilder', link: '/kubebuilder' },
        ],
      },
      {
        text: 'Write',
        items: [
          { text: 'What a controller may rely on', link: '/semantics' },
          { text: 'Adding to a project', link: '/scaffolding' },
          { text: 'Children', link: '/children' },
          { text: 'The cache', link: '/cache' },
          { text: 'Testing', link: '/testing' },
        ],
      },
      {
        text: 'Run',
        items: [
          { text: 'Deploying', link: '/deploying' },
          { text: 'The image of an operator', link: '/images' },
          { text: 'Operations', link: '/operations' },
          { text: 'Several replicas', link: '/sharding' },
        ],
      },
      {
        text: 'Behind it',
        items: [
          { text: 'Architecture', link: '/architecture' },
          { text: 'The embedded control plane', link: '/control-plane' },
          { text: 'What both servers answer alike', link: '/support' },
          { text: 'Test suites of others', link: '/envtest' },
          { text: 'Figures', link: '/figures' },
        ],
      },
    ],
  },
});
