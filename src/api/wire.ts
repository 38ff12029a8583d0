// Made from the server's OpenAPI document by `jlpm wire`; do not edit.
export interface paths {
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
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * Acknowledge
         * @description Log bytes up to `offset` were handled.
         */
        Acknowledge: {
            /**
             * Op
             * @constant
             */
            op: "ack";
            /** Job */
            job: string;
            /** Offset */
            offset: number;
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
        /** Column */
        Column: {
            /** Name */
            name: string;
            /** Path */
            path: string[];
            /** Type */
            type: string;
            /** Hidden */
            hidden: boolean;
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
            /** Uuid */
            uuid: string;
            /** Name */
            name: string;
            /** Namespace */
            namespace: string;
            /** Project */
            project: string;
            /** Full Name */
            full_name: string;
            /** Version */
            version: string;
            /** Num Rows */
            num_rows: number | null;
            /** Size */
            size: number | null;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Status */
            status: string;
            /** Created By Job */
            created_by_job: boolean;
            /** Job Id */
            job_id: string | null;
            /** Columns */
            columns: components["schemas"]["Column"][];
        };
        /** DatasetVersion */
        DatasetVersion: {
            /** Uuid */
            uuid: string;
            /** Name */
            name: string;
            /** Namespace */
            namespace: string;
            /** Project */
            project: string;
            /** Full Name */
            full_name: string;
            /** Version */
            version: string;
            /** Num Rows */
            num_rows: number | null;
            /** Size */
            size: number | null;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Status */
            status: string;
            /** Created By Job */
            created_by_job: boolean;
            /** Job Id */
            job_id: string | null;
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
            removed: components["schemas"]["Removed"];
        };
        /** Empty */
        Empty: Record<string, never>;
        /** Hello */
        Hello: {
            /**
             * Type
             * @default hello
             * @constant
             */
            type: "hello";
            /** Protocol */
            protocol: number;
            /** Version */
            version: string;
            /** Server Id */
            server_id: string;
        };
        /**
         * Job
         * @description A job, the same in REST, websocket and CLI.
         */
        Job: {
            /** Id */
            id: string;
            /** Name */
            name: string;
            /** Kind */
            kind: string;
            state: components["schemas"]["State"];
            /** Revision */
            revision: number;
            /** Seq */
            seq: number;
            /** Owner */
            owner: string;
            /** Cluster */
            cluster: string;
            script: components["schemas"]["Script"];
            settings: components["schemas"]["Settings-Output"];
            progress: components["schemas"]["Progress"] | null;
            /**
             * Exit Code
             * @description Negative: the number of the signal that ended it.
             */
            exit_code: number | null;
            /** Attempt */
            attempt: number;
            error: components["schemas"]["JobError"] | null;
            /**
             * Log Size
             * @description Bytes; known when the job is final.
             */
            log_size: number | null;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Queued At */
            queued_at: string | null;
            /**
             * Started At
             * @description When the user's code began.
             */
            started_at: string | null;
            /** Finished At */
            finished_at: string | null;
            /** Cancel Requested At */
            cancel_requested_at: string | null;
        };
        /** JobChanged */
        JobChanged: {
            /**
             * Type
             * @default job
             * @constant
             */
            type: "job";
            /** Seq */
            seq: number;
            job: components["schemas"]["Job"];
        };
        /** JobDeleted */
        JobDeleted: {
            /**
             * Type
             * @default job_deleted
             * @constant
             */
            type: "job_deleted";
            /** Seq */
            seq: number;
            /** Id */
            id: string;
        };
        /** JobError */
        JobError: {
            /** Code */
            code: string;
            /** Message */
            message: string;
            /** Hint */
            hint: string;
            /** Exception */
            exception: string | null;
            /** Traceback */
            traceback: string | null;
            frame: components["schemas"]["UserFrame"] | null;
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
        /** LogEnd */
        LogEnd: {
            /**
             * Type
             * @default log_end
             * @constant
             */
            type: "log_end";
            /** Job */
            job: string;
            /** Attempt */
            attempt: number;
            /** Size */
            size: number;
        };
        /**
         * LogLines
         * @description Where lines are: bytes `offset` to `next_offset` hold `count` lines from number `line` (0-based).
         */
        LogLines: {
            /** Offset */
            offset: number;
            /** Line */
            line: number;
            /** Next Offset */
            next_offset: number;
            /** Total Lines */
            total_lines: number;
            /** Size */
            size: number;
            /** Complete */
            complete: boolean;
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
            /** Message */
            message: string;
            /** Hint */
            hint: string;
            /**
             * Details
             * @default null
             */
            details: {
                [key: string]: unknown;
            } | null;
        };
        /** Progress */
        Progress: {
            /** Phase */
            phase: string;
            /** Label */
            label: string | null;
            /** Done */
            done: number | null;
            /** Total */
            total: number | null;
            /** Rate */
            rate: number | null;
        };
        /** Removed */
        Removed: {
            /** Log Bytes */
            log_bytes: number;
            /** Files */
            files: number;
        };
        /**
         * RowPage
         * @description `rows` holds one list per row, in the order of `columns`; `truncated` lists [row, column, full length].
         */
        RowPage: {
            /** Uuid */
            uuid: string;
            /** Offset */
            offset: number;
            /** Limit */
            limit: number;
            /** Total */
            total: number;
            /** Columns */
            columns: string[];
            /** Rows */
            rows: unknown[][];
            /** Truncated */
            truncated: [
                number,
                number,
                number
            ][];
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
            /** Text */
            text: string;
            /** Sha256 */
            sha256: string;
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
        /**
         * Settings
         * @description How a job runs.
         */
        "Settings-Input": {
            /**
             * Workers
             * @description Worker slots that the job occupies.
             * @default 1
             */
            workers?: number;
            /**
             * Parameters
             * @description Reach the script as datachain.query.params.param(name).
             * @default {}
             */
            parameters?: {
                [key: string]: string;
            };
        };
        /**
         * Settings
         * @description How a job runs.
         */
        "Settings-Output": {
            /**
             * Workers
             * @description Worker slots that the job occupies.
             * @default 1
             */
            workers: number;
            /**
             * Parameters
             * @description Reach the script as datachain.query.params.param(name).
             * @default {}
             */
            parameters: {
                [key: string]: string;
            };
        };
        /** SocketProblem */
        SocketProblem: {
            /**
             * Type
             * @default error
             * @constant
             */
            type: "error";
            /** Code */
            code: string;
            /** Message */
            message: string;
            /** Hint */
            hint: string;
            /**
             * Op
             * @default null
             */
            op: string | null;
            /**
             * Channel
             * @default null
             */
            channel: string | null;
            /**
             * Job
             * @default null
             */
            job: string | null;
        };
        /**
         * State
         * @enum {string}
         */
        State: "CREATED" | "SCHEDULED" | "QUEUED" | "INIT" | "RUNNING" | "COMPLETE" | "FAILED" | "CANCELING" | "CANCELED";
        /** Status */
        Status: {
            /** Version */
            version: string;
            /** Protocol */
            protocol: number;
            /** Server Id */
            server_id: string;
            /** Max Workers */
            max_workers: number;
            /** Busy Workers */
            busy_workers: number;
            /** Queued */
            queued: number;
            /** Running */
            running: number;
            /** Datachain Version */
            datachain_version: string | null;
        };
        /** StatusChanged */
        StatusChanged: {
            /**
             * Type
             * @default status
             * @constant
             */
            type: "status";
            status: components["schemas"]["Status"];
        };
        /** SubmitJob */
        SubmitJob: {
            script: components["schemas"]["ScriptText"];
            /**
             * Name
             * @default null
             */
            name?: string | null;
            /**
             * @default {
             *       "workers": 1,
             *       "parameters": {}
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
             * Op
             * @constant
             */
            op: "subscribe";
            /**
             * Channel
             * @enum {string}
             */
            channel: "jobs" | "log";
            /**
             * Seq
             * @default null
             */
            seq?: number | null;
            /**
             * Job
             * @default null
             */
            job?: string | null;
            /**
             * Attempt
             * @default null
             */
            attempt?: number | null;
            /**
             * Offset
             * @default null
             */
            offset?: number | null;
            /**
             * Tail
             * @default 262144
             */
            tail?: number;
        };
        /** SubscribedJobs */
        SubscribedJobs: {
            /**
             * Type
             * @default subscribed
             * @constant
             */
            type: "subscribed";
            /**
             * Channel
             * @default jobs
             * @constant
             */
            channel: "jobs";
            /** Seq */
            seq: number;
        };
        /**
         * SubscribedLog
         * @description Bytes follow from `offset`, which is the start of line `line` (0-based) unless the client resumed.
         */
        SubscribedLog: {
            /**
             * Type
             * @default subscribed
             * @constant
             */
            type: "subscribed";
            /**
             * Channel
             * @default log
             * @constant
             */
            channel: "log";
            /** Job */
            job: string;
            /** Attempt */
            attempt: number;
            /** Offset */
            offset: number;
            /** Line */
            line: number;
            /** Size */
            size: number;
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
             * Op
             * @constant
             */
            op: "unsubscribe";
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
        };
        /** UserFrame */
        UserFrame: {
            /** Path */
            path: string;
            /** Line */
            line: number;
            /** Function */
            function: string;
            /** Text */
            text: string;
            /** Context */
            context: components["schemas"]["ContextLine"][];
        };
        ServerMessage: components["schemas"]["Hello"] | components["schemas"]["SubscribedJobs"] | components["schemas"]["SubscribedLog"] | components["schemas"]["JobChanged"] | components["schemas"]["JobDeleted"] | components["schemas"]["StatusChanged"] | components["schemas"]["LogEnd"] | components["schemas"]["SocketProblem"] | components["schemas"]["Pong"];
        ClientMessage: components["schemas"]["Subscribe"] | components["schemas"]["Unsubscribe"] | components["schemas"]["Acknowledge"] | components["schemas"]["Ping"];
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type Acknowledge = components['schemas']['Acknowledge'];
export type CancelJob = components['schemas']['CancelJob'];
export type Column = components['schemas']['Column'];
export type ContextLine = components['schemas']['ContextLine'];
export type DatasetDetail = components['schemas']['DatasetDetail'];
export type DatasetVersion = components['schemas']['DatasetVersion'];
export type DatasetVersions = components['schemas']['DatasetVersions'];
export type DeletedJob = components['schemas']['DeletedJob'];
export type Empty = components['schemas']['Empty'];
export type Hello = components['schemas']['Hello'];
export type Job = components['schemas']['Job'];
export type JobChanged = components['schemas']['JobChanged'];
export type JobDeleted = components['schemas']['JobDeleted'];
export type JobError = components['schemas']['JobError'];
export type JobPage = components['schemas']['JobPage'];
export type LogEnd = components['schemas']['LogEnd'];
export type LogLines = components['schemas']['LogLines'];
export type Ping = components['schemas']['Ping'];
export type Pong = components['schemas']['Pong'];
export type Problem = components['schemas']['Problem'];
export type Progress = components['schemas']['Progress'];
export type Removed = components['schemas']['Removed'];
export type RowPage = components['schemas']['RowPage'];
export type Script = components['schemas']['Script'];
export type ScriptSnapshot = components['schemas']['ScriptSnapshot'];
export type ScriptText = components['schemas']['ScriptText'];
export type SettingsInput = components['schemas']['Settings-Input'];
export type SettingsOutput = components['schemas']['Settings-Output'];
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
export type ServerMessage = components['schemas']['ServerMessage'];
export type ClientMessage = components['schemas']['ClientMessage'];
export type $defs = Record<string, never>;
export interface operations {
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
                "application/json": components["schemas"]["Empty"];
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
}
