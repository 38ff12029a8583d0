// Made from the server's OpenAPI document by `jlpm wire`; do not edit.
export interface paths {
    "/datasets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Needs the right to read on 'datachain-jobs'. */
        get: operations["findDataset"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/datasets/{uuid}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Needs the right to read on 'datachain-jobs'. */
        get: operations["getDataset"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/datasets/{uuid}/rows": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Needs the right to read on 'datachain-jobs'. */
        get: operations["readRows"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/disk": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Needs the right to read on 'datachain-jobs'. */
        get: operations["getDisk"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/disk/prune": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description Needs the right to write on 'datachain-jobs'. */
        post: operations["pruneJobs"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Needs the right to read on 'datachain-jobs'. */
        get: operations["listJobs"];
        put?: never;
        /** @description Needs the right to execute on 'datachain-jobs'. */
        post: operations["submitJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{job}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Needs the right to read on 'datachain-jobs'. */
        get: operations["getJob"];
        put?: never;
        post?: never;
        /** @description Needs the right to write on 'datachain-jobs'. */
        delete: operations["deleteJob"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{job}/attempts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Needs the right to read on 'datachain-jobs'. */
        get: operations["listJobAttempts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{job}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description Needs the right to execute on 'datachain-jobs'. */
        post: operations["cancelJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{job}/datasets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Needs the right to read on 'datachain-jobs'. */
        get: operations["listJobDatasets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{job}/log": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Needs the right to read on 'datachain-jobs'. */
        get: operations["readLog"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{job}/log/download": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Needs the right to read on 'datachain-jobs'. */
        get: operations["downloadLog"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{job}/log/lines": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Needs the right to read on 'datachain-jobs'. */
        get: operations["findLogLines"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{job}/priority": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description Needs the right to execute on 'datachain-jobs'. */
        post: operations["setJobPriority"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{job}/rerun": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description Needs the right to execute on 'datachain-jobs'. */
        post: operations["rerunJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{job}/script": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Needs the right to read on 'datachain-jobs'. */
        get: operations["getJobScript"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{job}/wait": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Needs the right to read on 'datachain-jobs'. */
        get: operations["getJobWait"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Needs the right to read on 'datachain-jobs'. */
        get: operations["getOpenApi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/queue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Needs the right to read on 'datachain-jobs'. */
        get: operations["getQueue"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Needs the right to read on 'datachain-jobs'. */
        get: operations["getStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/template": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Needs the right to read on 'datachain-jobs'. */
        get: operations["getTemplate"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * Acknowledge
         * @description Log bytes up to `offset` were handled.
         */
        Acknowledge: {
            /** Job */
            job: string;
            /** Offset */
            offset: number;
            /**
             * Op
             * @constant
             */
            op: "ack";
        };
        /**
         * Attempt
         * @description One try at a job.
         */
        Attempt: {
            /** Attempt */
            attempt: number;
            cancel: components["schemas"]["CancelReport"] | null;
            /**
             * Claimed At
             * Format: date-time
             */
            claimed_at: string;
            error: components["schemas"]["JobError"] | null;
            /** Exit Code */
            exit_code: number | null;
            /** Finished At */
            finished_at: string | null;
            /** Log Size */
            log_size: number | null;
            /** Queued At */
            queued_at: string | null;
            /**
             * Reason
             * @description How it ended, null while it lasts.
             */
            reason: string | null;
            /** Started At */
            started_at: string | null;
        };
        /**
         * Attempts
         * @description Oldest first.
         */
        Attempts: {
            /** Items */
            items: components["schemas"]["Attempt"][];
        };
        /**
         * CancelJob
         * @description force: do not wait for the code to end by itself.
         */
        CancelJob: {
            /**
             * Force
             * @default false
             */
            force?: boolean;
        };
        /**
         * CancelReport
         * @description What stopping an attempt did: what was sent when, which processes ended by themselves and which were killed.
         */
        CancelReport: {
            /** Ended */
            ended: number[];
            /** Killed */
            killed: number[];
            /** Requested At */
            requested_at: number;
            /** Signals */
            signals: components["schemas"]["Signal"][];
            /** Survivors */
            survivors: number[];
        };
        ClientMessage: components["schemas"]["Subscribe"] | components["schemas"]["Unsubscribe"] | components["schemas"]["Acknowledge"] | components["schemas"]["Ping"];
        /** Column */
        Column: {
            /** Hidden */
            hidden: boolean;
            /** Name */
            name: string;
            /** Path */
            path: string[];
            /** Type */
            type: string;
        };
        /** ContextLine */
        ContextLine: {
            /** Line */
            line: number;
            /** Text */
            text: string;
        };
        /** DatasetDetail */
        DatasetDetail: {
            /** Columns */
            columns: components["schemas"]["Column"][];
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Created By Job */
            created_by_job: boolean;
            /** Full Name */
            full_name: string;
            /** Job Id */
            job_id: string | null;
            /** Name */
            name: string;
            /** Namespace */
            namespace: string;
            /** Num Rows */
            num_rows: number | null;
            /** Project */
            project: string;
            /** Size */
            size: number | null;
            /** Status */
            status: string;
            /** Uuid */
            uuid: string;
            /** Version */
            version: string;
        };
        /** DatasetVersion */
        DatasetVersion: {
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Created By Job */
            created_by_job: boolean;
            /** Full Name */
            full_name: string;
            /** Job Id */
            job_id: string | null;
            /** Name */
            name: string;
            /** Namespace */
            namespace: string;
            /** Num Rows */
            num_rows: number | null;
            /** Project */
            project: string;
            /** Size */
            size: number | null;
            /** Status */
            status: string;
            /** Uuid */
            uuid: string;
            /** Version */
            version: string;
        };
        /** DatasetVersions */
        DatasetVersions: {
            /** Items */
            items: components["schemas"]["DatasetVersion"][];
        };
        /** DeletedJob */
        DeletedJob: {
            /** Id */
            id: string;
            /**
             * Kept Datasets
             * @description Those that could not be removed.
             */
            kept_datasets: components["schemas"]["KeptDataset"][];
            removed: components["schemas"]["Removed"];
        };
        /**
         * Disk
         * @description Bytes on the disk, but for `logs` and `snapshots`: those are the bytes that were written.
         */
        Disk: {
            /** Biggest */
            biggest: components["schemas"]["JobSize"][];
            /** Caches */
            caches: number;
            /** Capacity */
            capacity: number;
            /**
             * Complete
             * @description False when time ran out: then the sums are too small.
             */
            complete: boolean;
            /** Data Dir */
            data_dir: string;
            /** Database */
            database: number;
            /** Environments */
            environments: number | null;
            /**
             * Folders
             * @description Job folders that were measured.
             */
            folders: number;
            /** Free */
            free: number;
            /** Job Rest */
            job_rest: number;
            /**
             * Jobs
             * @description All job folders; logs, snapshots and job_rest are its parts.
             */
            jobs: number;
            /** Logs */
            logs: number;
            /**
             * Recorded
             * @description Jobs in the database.
             */
            recorded: number;
            /** Rest */
            rest: number;
            retention: components["schemas"]["Retention"];
            /** Snapshots */
            snapshots: number;
            /** Total */
            total: number;
        };
        /** Hello */
        Hello: {
            /** Protocol */
            protocol: number;
            /** Server Id */
            server_id: string;
            /**
             * Type
             * @default hello
             * @constant
             */
            type: "hello";
            /** Version */
            version: string;
        };
        /**
         * Hold
         * @description Why a queued job does not start.
         * @enum {string}
         */
        Hold: "slots" | "order" | "reserved" | "owner_limit" | "backoff" | "too_large" | "no_server" | "starting";
        /**
         * Job
         * @description A job, the same in REST, websocket and CLI.
         */
        Job: {
            /** Attempt */
            attempt: number;
            /** Cancel Requested At */
            cancel_requested_at: string | null;
            /** Cluster */
            cluster: string;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            error: components["schemas"]["JobError"] | null;
            /**
             * Exit Code
             * @description Negative: the number of the signal that ended it.
             */
            exit_code: number | null;
            /** Finished At */
            finished_at: string | null;
            /** Id */
            id: string;
            /** Kind */
            kind: string;
            /**
             * Log Size
             * @description Bytes; known when the job is final.
             */
            log_size: number | null;
            /** Name */
            name: string;
            /**
             * Not Before
             * @description When the next attempt of a queued job is due.
             */
            not_before: string | null;
            /** Owner */
            owner: string;
            progress: components["schemas"]["Progress"] | null;
            /** Queued At */
            queued_at: string | null;
            /**
             * Resumed From
             * @description The job whose checkpoints it goes on from.
             */
            resumed_from: string | null;
            /** Revision */
            revision: number;
            script: components["schemas"]["Script"];
            /** Seq */
            seq: number;
            settings: components["schemas"]["Settings-Output"];
            /**
             * Started At
             * @description When the user's code began.
             */
            started_at: string | null;
            state: components["schemas"]["State"];
        };
        /** JobChanged */
        JobChanged: {
            job: components["schemas"]["Job"];
            /** Seq */
            seq: number;
            /**
             * Type
             * @default job
             * @constant
             */
            type: "job";
        };
        /** JobDeleted */
        JobDeleted: {
            /** Id */
            id: string;
            /** Seq */
            seq: number;
            /**
             * Type
             * @default job_deleted
             * @constant
             */
            type: "job_deleted";
        };
        /** JobError */
        JobError: {
            /** Code */
            code: string;
            /** Exception */
            exception: string | null;
            frame: components["schemas"]["UserFrame"] | null;
            /** Hint */
            hint: string;
            /** Message */
            message: string;
            /** Traceback */
            traceback: string | null;
        };
        /**
         * JobPage
         * @description Newest first. `next` continues the list; `seq` is what to subscribe to the jobs channel with.
         */
        JobPage: {
            /** Items */
            items: components["schemas"]["Job"][];
            /** Next */
            next: string | null;
            /** Seq */
            seq: number;
        };
        /**
         * JobSize
         * @description `name` and `state` are null for a folder whose job is not recorded (any more).
         */
        JobSize: {
            /** Bytes */
            bytes: number;
            /** Id */
            id: string;
            /** Log Bytes */
            log_bytes: number;
            /** Name */
            name: string | null;
            state: components["schemas"]["State"] | null;
        };
        /**
         * KeptDataset
         * @description `why`: DataChain's own words.
         */
        KeptDataset: {
            /** Full Name */
            full_name: string;
            /** Uuid */
            uuid: string;
            /** Version */
            version: string;
            /** Why */
            why: string;
        };
        /** LeavingJob */
        LeavingJob: {
            /**
             * Bytes
             * @description 0 where a limit on bytes does not apply: nobody measured it.
             */
            bytes: number;
            /**
             * Finished At
             * Format: date-time
             */
            finished_at: string;
            /** Id */
            id: string;
            /** Name */
            name: string;
            /**
             * Reason
             * @enum {string}
             */
            reason: "age" | "count" | "bytes";
        };
        /**
         * LeavingJobs
         * @description `items`: the first of them.
         */
        LeavingJobs: {
            /** Bytes */
            bytes: number;
            /** Count */
            count: number;
            /** Items */
            items: components["schemas"]["LeavingJob"][];
        };
        /** LogEnd */
        LogEnd: {
            /** Attempt */
            attempt: number;
            /** Job */
            job: string;
            /** Size */
            size: number;
            /**
             * Type
             * @default log_end
             * @constant
             */
            type: "log_end";
        };
        /**
         * LogGap
         * @description Bytes `from` to `to` are no longer kept: the log is limited. Offsets and line numbers still count them.
         */
        LogGap: {
            /** From */
            from: number;
            /**
             * Line
             * @description Number of the line that `to` is in, 0-based.
             */
            line: number;
            /**
             * Lines
             * @description How many lines before it are gone as a whole.
             */
            lines: number;
            /** To */
            to: number;
        };
        /**
         * LogLines
         * @description Where lines are: bytes `offset` to `next_offset` hold `count` lines from number `line` (0-based).
         *
         *     Of lines in a gap it answers those after it, and a page that reaches a gap ends there; then `gap` says so.
         */
        LogLines: {
            /** Complete */
            complete: boolean;
            /** @default null */
            gap: components["schemas"]["LogGap"] | null;
            /** Line */
            line: number;
            /** Next Offset */
            next_offset: number;
            /** Offset */
            offset: number;
            /** Size */
            size: number;
            /** Total Lines */
            total_lines: number;
        };
        /**
         * LogSkip
         * @description The next bytes are those from `to` on: bytes `from`, where the ones before ended, to `to` are gone.
         */
        LogSkip: {
            /** Attempt */
            attempt: number;
            /** From */
            from: number;
            /** Job */
            job: string;
            /**
             * Line
             * @description Number of the line that `to` is in, 0-based.
             */
            line: number;
            /** To */
            to: number;
            /**
             * Type
             * @default log_gap
             * @constant
             */
            type: "log_gap";
        };
        /**
         * Notice
         * @description Something that users should know of this server, though it works.
         */
        Notice: {
            /** Code */
            code: string;
            /** Hint */
            hint: string;
            /** Message */
            message: string;
        };
        /** Ping */
        Ping: {
            /**
             * Op
             * @constant
             */
            op: "ping";
        };
        /** Pong */
        Pong: {
            /**
             * Type
             * @default pong
             * @constant
             */
            type: "pong";
        };
        /**
         * Problem
         * @description The body of every refusal. `code` is stable; `hint` says what to do.
         */
        Problem: {
            /** Code */
            code: string;
            /**
             * Details
             * @default null
             */
            details: {
                [key: string]: unknown;
            } | null;
            /** Hint */
            hint: string;
            /** Message */
            message: string;
        };
        /** Progress */
        Progress: {
            /** Done */
            done: number | null;
            /** Label */
            label: string | null;
            /** Phase */
            phase: string;
            /** Rate */
            rate: number | null;
            /** Total */
            total: number | null;
        };
        /**
         * PruneJobs
         * @description dry_run: only say what would be removed.
         */
        PruneJobs: {
            /**
             * Dry Run
             * @default false
             */
            dry_run?: boolean;
        };
        /**
         * Pruned
         * @description `left`: jobs that are still to be removed; ask again.
         */
        Pruned: {
            /** Dry Run */
            dry_run: boolean;
            /** Left */
            left: number;
            removed: components["schemas"]["LeavingJobs"];
        };
        /**
         * Queue
         * @description The first jobs of the queue, in order.
         */
        Queue: {
            /** Items */
            items: components["schemas"]["Wait"][];
        };
        /**
         * Removed
         * @description What went with a job: `files` of its folder, taking `bytes` on the disk; `log_bytes` and `snapshot_bytes` of them.
         */
        Removed: {
            /** Bytes */
            bytes: number;
            /**
             * Datasets
             * @description Empty unless they were asked for.
             */
            datasets: components["schemas"]["RemovedDataset"][];
            /** Files */
            files: number;
            /** Log Bytes */
            log_bytes: number;
            /** Snapshot Bytes */
            snapshot_bytes: number;
        };
        /** RemovedDataset */
        RemovedDataset: {
            /** Full Name */
            full_name: string;
            /** Uuid */
            uuid: string;
            /** Version */
            version: string;
        };
        /**
         * RerunJob
         * @description resume: go on from the checkpoints of that job, in place of starting afresh.
         */
        RerunJob: {
            /**
             * Resume
             * @default false
             */
            resume?: boolean;
        };
        /**
         * Retention
         * @description The limits (0: none), and the jobs that are over them now.
         */
        Retention: {
            /** Keep Bytes */
            keep_bytes: number;
            /** Keep Days */
            keep_days: number;
            /** Keep Jobs */
            keep_jobs: number;
            leaving: components["schemas"]["LeavingJobs"];
        };
        /**
         * Retries
         * @description Whether a failed attempt is followed by another one.
         */
        "Retries-Input": {
            /**
             * Backoff
             * @description Seconds before the first retry; each further one waits twice as long.
             * @default 10
             */
            backoff?: number;
            /**
             * Count
             * @description Attempts after the first.
             * @default 0
             */
            count?: number;
            /**
             * On
             * @description Error codes that are tried again; empty for all that can be.
             * @default []
             */
            on?: components["schemas"]["Retryable"][];
        };
        /**
         * Retries
         * @description Whether a failed attempt is followed by another one.
         */
        "Retries-Output": {
            /**
             * Backoff
             * @description Seconds before the first retry; each further one waits twice as long.
             * @default 10
             */
            backoff: number;
            /**
             * Count
             * @description Attempts after the first.
             * @default 0
             */
            count: number;
            /**
             * On
             * @description Error codes that are tried again; empty for all that can be.
             * @default []
             */
            on: components["schemas"]["Retryable"][];
        };
        /**
         * Retryable
         * @description Failures that another attempt may not meet again. A job whose files were deleted has nothing left to try.
         * @enum {string}
         */
        Retryable: "datachain_busy" | "datachain_failed" | "exit_code" | "host_stopped" | "killed_by_signal" | "machine_restarted" | "out_of_memory" | "script_error" | "start_failed" | "supervisor_lost" | "timeout";
        /**
         * RowPage
         * @description `rows` holds one list per row, in the order of `columns`; `truncated` lists [row, column, full length].
         */
        RowPage: {
            /** Columns */
            columns: string[];
            /** Limit */
            limit: number;
            /** Offset */
            offset: number;
            /** Rows */
            rows: unknown[][];
            /** Total */
            total: number;
            /** Truncated */
            truncated: [
                number,
                number,
                number
            ][];
            /** Uuid */
            uuid: string;
        };
        /** Script */
        Script: {
            /** Path */
            path: string;
            /** Sha256 */
            sha256: string;
            /** Size */
            size: number;
        };
        /** ScriptSnapshot */
        ScriptSnapshot: {
            /** Path */
            path: string;
            /** Sha256 */
            sha256: string;
            /** Text */
            text: string;
        };
        /**
         * ScriptText
         * @description Which script to run. `text` is what the editor shows; without it the file is read.
         */
        ScriptText: {
            /** Path */
            path: string;
            /**
             * Text
             * @default null
             */
            text?: string | null;
        };
        ServerMessage: components["schemas"]["Hello"] | components["schemas"]["SubscribedJobs"] | components["schemas"]["SubscribedLog"] | components["schemas"]["JobChanged"] | components["schemas"]["JobDeleted"] | components["schemas"]["StatusChanged"] | components["schemas"]["LogSkip"] | components["schemas"]["LogEnd"] | components["schemas"]["SocketProblem"] | components["schemas"]["Pong"];
        /** SetPriority */
        SetPriority: {
            /**
             * Priority
             * @description Higher ones start sooner.
             */
            priority: number;
        };
        /**
         * Settings
         * @description How a job runs.
         */
        "Settings-Input": {
            /**
             * Parameters
             * @description Reach the script as datachain.query.params.param(name).
             * @default {}
             */
            parameters?: {
                [key: string]: string;
            };
            /**
             * Priority
             * @description Higher ones start sooner.
             * @default 5
             */
            priority?: number;
            /**
             * @default {
             *       "backoff": 10,
             *       "count": 0,
             *       "on": []
             *     }
             */
            retries?: components["schemas"]["Retries-Input"];
            /**
             * Timeout
             * @description Seconds that an attempt's code may run; null for no limit.
             * @default null
             */
            timeout?: number | null;
            /**
             * Workers
             * @description Worker slots that the job occupies.
             * @default 1
             */
            workers?: number;
        };
        /**
         * Settings
         * @description How a job runs.
         */
        "Settings-Output": {
            /**
             * Parameters
             * @description Reach the script as datachain.query.params.param(name).
             * @default {}
             */
            parameters: {
                [key: string]: string;
            };
            /**
             * Priority
             * @description Higher ones start sooner.
             * @default 5
             */
            priority: number;
            /**
             * @default {
             *       "backoff": 10,
             *       "count": 0,
             *       "on": []
             *     }
             */
            retries: components["schemas"]["Retries-Output"];
            /**
             * Timeout
             * @description Seconds that an attempt's code may run; null for no limit.
             * @default null
             */
            timeout: number | null;
            /**
             * Workers
             * @description Worker slots that the job occupies.
             * @default 1
             */
            workers: number;
        };
        /** Signal */
        Signal: {
            /**
             * At
             * @description Microseconds since 1970, UTC.
             */
            at: number;
            /** Pids */
            pids: number[];
            /** Signal */
            signal: string;
        };
        /** SocketProblem */
        SocketProblem: {
            /**
             * Channel
             * @default null
             */
            channel: string | null;
            /** Code */
            code: string;
            /** Hint */
            hint: string;
            /**
             * Job
             * @default null
             */
            job: string | null;
            /** Message */
            message: string;
            /**
             * Op
             * @default null
             */
            op: string | null;
            /**
             * Type
             * @default error
             * @constant
             */
            type: "error";
        };
        /**
         * State
         * @enum {string}
         */
        State: "CREATED" | "SCHEDULED" | "QUEUED" | "INIT" | "RUNNING" | "COMPLETE" | "FAILED" | "CANCELING" | "CANCELED";
        /** Status */
        Status: {
            /** Busy Workers */
            busy_workers: number;
            /** Datachain Version */
            datachain_version: string | null;
            /** Max Workers */
            max_workers: number;
            /** Notices */
            notices: components["schemas"]["Notice"][];
            /** Protocol */
            protocol: number;
            /** Queued */
            queued: number;
            /** Running */
            running: number;
            /** Server Id */
            server_id: string;
            /** Version */
            version: string;
        };
        /** StatusChanged */
        StatusChanged: {
            status: components["schemas"]["Status"];
            /**
             * Type
             * @default status
             * @constant
             */
            type: "status";
        };
        /** SubmitJob */
        SubmitJob: {
            /**
             * Name
             * @default null
             */
            name?: string | null;
            /**
             * Resume
             * @description Id of an ended job of this script, to go on from its checkpoints.
             * @default null
             */
            resume?: string | null;
            script: components["schemas"]["ScriptText"];
            /**
             * @default {
             *       "parameters": {},
             *       "priority": 5,
             *       "retries": {
             *         "backoff": 10,
             *         "count": 0,
             *         "on": []
             *       },
             *       "timeout": null,
             *       "workers": 1
             *     }
             */
            settings?: components["schemas"]["Settings-Input"];
        };
        /**
         * Subscribe
         * @description jobs: everything newer than `seq`, then live. log: from `offset` exactly, or the last `tail` bytes.
         */
        Subscribe: {
            /**
             * Attempt
             * @default null
             */
            attempt?: number | null;
            /**
             * Channel
             * @enum {string}
             */
            channel: "jobs" | "log";
            /**
             * Job
             * @default null
             */
            job?: string | null;
            /**
             * Offset
             * @default null
             */
            offset?: number | null;
            /**
             * Op
             * @constant
             */
            op: "subscribe";
            /**
             * Seq
             * @default null
             */
            seq?: number | null;
            /**
             * Tail
             * @default 262144
             */
            tail?: number;
        };
        /** SubscribedJobs */
        SubscribedJobs: {
            /**
             * Channel
             * @default jobs
             * @constant
             */
            channel: "jobs";
            /** Seq */
            seq: number;
            /**
             * Type
             * @default subscribed
             * @constant
             */
            type: "subscribed";
        };
        /**
         * SubscribedLog
         * @description Bytes follow from `offset`, which is the start of line `line` (0-based) unless the client resumed.
         *
         *     `gap`: what is gone of the log so far; a later one that is in the way comes as `log_gap`.
         */
        SubscribedLog: {
            /** Attempt */
            attempt: number;
            /**
             * Channel
             * @default log
             * @constant
             */
            channel: "log";
            /** @default null */
            gap: components["schemas"]["LogGap"] | null;
            /** Job */
            job: string;
            /** Line */
            line: number;
            /** Offset */
            offset: number;
            /** Size */
            size: number;
            /**
             * Type
             * @default subscribed
             * @constant
             */
            type: "subscribed";
        };
        /** Template */
        Template: {
            /** Name */
            name: string;
            /** Text */
            text: string;
        };
        /** Unsubscribe */
        Unsubscribe: {
            /**
             * Channel
             * @enum {string}
             */
            channel: "jobs" | "log";
            /**
             * Job
             * @default null
             */
            job?: string | null;
            /**
             * Op
             * @constant
             */
            op: "unsubscribe";
        };
        /** UserFrame */
        UserFrame: {
            /** Context */
            context: components["schemas"]["ContextLine"][];
            /** Function */
            function: string;
            /** Line */
            line: number;
            /** Path */
            path: string;
            /** Text */
            text: string;
        };
        /**
         * Wait
         * @description Why a queued job waits.
         */
        Wait: {
            /**
             * Ahead
             * @description Jobs before it.
             */
            ahead: number;
            /**
             * Ahead Workers
             * @description Worker slots that those want.
             */
            ahead_workers: number;
            /**
             * Blockers
             * @description Ids of jobs in the way, a few of them.
             */
            blockers: string[];
            /**
             * Estimate
             * @description Seconds until it probably starts, from past runs; null when one in the way has none.
             */
            estimate: number | null;
            hold: components["schemas"]["Hold"];
            /** Job Id */
            job_id: string;
            /** Message */
            message: string;
            /**
             * Position
             * @description 1 for the job that is next.
             */
            position: number;
            /**
             * Until
             * @description When its next attempt is due.
             */
            until: string | null;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type Acknowledge = components['schemas']['Acknowledge'];
export type Attempt = components['schemas']['Attempt'];
export type Attempts = components['schemas']['Attempts'];
export type CancelJob = components['schemas']['CancelJob'];
export type CancelReport = components['schemas']['CancelReport'];
export type ClientMessage = components['schemas']['ClientMessage'];
export type Column = components['schemas']['Column'];
export type ContextLine = components['schemas']['ContextLine'];
export type DatasetDetail = components['schemas']['DatasetDetail'];
export type DatasetVersion = components['schemas']['DatasetVersion'];
export type DatasetVersions = components['schemas']['DatasetVersions'];
export type DeletedJob = components['schemas']['DeletedJob'];
export type Disk = components['schemas']['Disk'];
export type Hello = components['schemas']['Hello'];
export type Hold = components['schemas']['Hold'];
export type Job = components['schemas']['Job'];
export type JobChanged = components['schemas']['JobChanged'];
export type JobDeleted = components['schemas']['JobDeleted'];
export type JobError = components['schemas']['JobError'];
export type JobPage = components['schemas']['JobPage'];
export type JobSize = components['schemas']['JobSize'];
export type KeptDataset = components['schemas']['KeptDataset'];
export type LeavingJob = components['schemas']['LeavingJob'];
export type LeavingJobs = components['schemas']['LeavingJobs'];
export type LogEnd = components['schemas']['LogEnd'];
export type LogGap = components['schemas']['LogGap'];
export type LogLines = components['schemas']['LogLines'];
export type LogSkip = components['schemas']['LogSkip'];
export type Notice = components['schemas']['Notice'];
export type Ping = components['schemas']['Ping'];
export type Pong = components['schemas']['Pong'];
export type Problem = components['schemas']['Problem'];
export type Progress = components['schemas']['Progress'];
export type PruneJobs = components['schemas']['PruneJobs'];
export type Pruned = components['schemas']['Pruned'];
export type Queue = components['schemas']['Queue'];
export type Removed = components['schemas']['Removed'];
export type RemovedDataset = components['schemas']['RemovedDataset'];
export type RerunJob = components['schemas']['RerunJob'];
export type Retention = components['schemas']['Retention'];
export type RetriesInput = components['schemas']['Retries-Input'];
export type RetriesOutput = components['schemas']['Retries-Output'];
export type Retryable = components['schemas']['Retryable'];
export type RowPage = components['schemas']['RowPage'];
export type Script = components['schemas']['Script'];
export type ScriptSnapshot = components['schemas']['ScriptSnapshot'];
export type ScriptText = components['schemas']['ScriptText'];
export type ServerMessage = components['schemas']['ServerMessage'];
export type SetPriority = components['schemas']['SetPriority'];
export type SettingsInput = components['schemas']['Settings-Input'];
export type SettingsOutput = components['schemas']['Settings-Output'];
export type Signal = components['schemas']['Signal'];
export type SocketProblem = components['schemas']['SocketProblem'];
export type State = components['schemas']['State'];
export type Status = components['schemas']['Status'];
export type StatusChanged = components['schemas']['StatusChanged'];
export type SubmitJob = components['schemas']['SubmitJob'];
export type Subscribe = components['schemas']['Subscribe'];
export type SubscribedJobs = components['schemas']['SubscribedJobs'];
export type SubscribedLog = components['schemas']['SubscribedLog'];
export type Template = components['schemas']['Template'];
export type Unsubscribe = components['schemas']['Unsubscribe'];
export type UserFrame = components['schemas']['UserFrame'];
export type Wait = components['schemas']['Wait'];
export type $defs = Record<string, never>;
export interface operations {
    findDataset: {
        parameters: {
            query: {
                name: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DatasetDetail"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getDataset: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                uuid: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DatasetDetail"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readRows: {
        parameters: {
            query?: {
                offset?: number;
                limit?: number;
            };
            header?: never;
            path: {
                uuid: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RowPage"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getDisk: {
        parameters: {
            query?: {
                top?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Disk"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    pruneJobs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PruneJobs"];
            };
        };
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Pruned"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listJobs: {
        parameters: {
            query?: {
                state?: string;
                q?: string;
                script?: string;
                limit?: number;
                cursor?: number | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobPage"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    submitJob: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SubmitJob"];
            };
        };
        responses: {
            /** @description As asked. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteJob: {
        parameters: {
            query?: {
                datasets?: boolean;
            };
            header?: never;
            path: {
                job: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeletedJob"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listJobAttempts: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Attempts"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cancelJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CancelJob"];
            };
        };
        responses: {
            /** @description As asked. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listJobDatasets: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DatasetVersions"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readLog: {
        parameters: {
            query?: {
                offset?: number;
                limit?: number;
                attempt?: number | null;
            };
            header?: never;
            path: {
                job: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    downloadLog: {
        parameters: {
            query?: {
                attempt?: number | null;
            };
            header?: never;
            path: {
                job: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    findLogLines: {
        parameters: {
            query?: {
                line?: number | null;
                offset?: number | null;
                count?: number;
                attempt?: number | null;
            };
            header?: never;
            path: {
                job: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LogLines"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    setJobPriority: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetPriority"];
            };
        };
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rerunJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RerunJob"];
            };
        };
        responses: {
            /** @description As asked. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getJobScript: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScriptSnapshot"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getJobWait: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Wait"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getOpenApi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getQueue: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Queue"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getStatus: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Status"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getTemplate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Template"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
