import type { TranslationBundle } from '@jupyterlab/translation';
import { closeIcon } from '@jupyterlab/ui-components';
import React, { useState } from 'react';

import type { Status } from '../../tokens';

export interface IServerNoticesProps {
  readonly notices: Status['notices'];
  readonly trans: TranslationBundle;
}

/** What users should know of the server, each until it is dismissed. */
export function ServerNotices({
  notices,
  trans
}: IServerNoticesProps): JSX.Element {
  const [dismissed, setDismissed] = useState<readonly string[]>([]);
  return (
    <>
      {notices
        // Another message is another notice, also under the same code.
        .filter(notice => !dismissed.includes(notice.message))
        .map(notice => (
          <div
            key={notice.message}
            className="jp-DataChain-notice jp-DataChainJobs-serverNotice"
            role="status"
          >
            <p>
              {notice.message} {notice.hint}
            </p>
            <button
              type="button"
              className="jp-DataChainJobs-dismiss"
              title={trans.__('Dismiss')}
              aria-label={trans.__('Dismiss this notice')}
              onClick={() => setDismissed([...dismissed, notice.message])}
            >
              <closeIcon.react tag="span" height="16px" width="16px" />
            </button>
          </div>
        ))}
    </>
  );
}
