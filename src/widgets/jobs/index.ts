export { JobWidget, type IJobActions } from './jobwidget';
export { JobsSidebar } from './sidebar';
export { askToDelete } from './deletejob';
