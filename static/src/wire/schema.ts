// Generated from handlers/openapi.yaml by "make generate". Do not edit.

export interface paths {
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Report that the process runs */
        get: operations["checkHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Report whether new sessions can be opened
         * @description Fails while the server shuts down or cannot reach its store.
         */
        get: operations["checkReadiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read counters for Prometheus
         * @description The counters name no person and no address, and services by their ids only. The `Host` of the request must be an
         *     IP address, a name without a dot, or a name of the console.
         */
        get: operations["readMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/version": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the version of the program
         * @description The `Host` of the request must be one that `/metrics` takes.
         */
        get: operations["readVersion"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/openapi.yaml": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read this document
         * @description Needs the role viewer; scope read.
         */
        get: operations["readDocument"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/lease": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read who you are, and renew it for open sockets
         * @description Open sockets end when the identity that opened them ends. Every request renews it; a
         *     page that makes no other requests calls this one. Needs the role viewer; scope read.
         */
        get: operations["readLease"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sign-out": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign out, in this browser or everywhere
         * @description Your open sockets end within two seconds. Sessions with services stay open. Signing out
         *     everywhere also ends your access tokens. Needs the role viewer; not open to access tokens.
         */
        post: operations["signOut"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your access tokens, newest first
         * @description Needs the role viewer; not open to access tokens.
         */
        get: operations["listTokens"];
        put?: never;
        /**
         * Create an access token for a program
         * @description The program sends it as `Authorization: Bearer dpx_...`. A token can do no more than
         *     you can, limited to its scopes. It does not work while you have not used Duplex for a
         *     month, and ends when you sign out everywhere. With one local user there are no tokens:
         *     programs on the same machine need none. Needs the role viewer; not open to access tokens.
         */
        post: operations["createToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tokens/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the token. */
                token: string;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke an access token
         * @description Sockets that were opened with it end. Needs the role viewer; not open to access tokens.
         */
        delete: operations["revokeToken"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/people": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the people who have used Duplex, by name
         * @description Needs the role admin; not open to access tokens.
         */
        get: operations["listPeople"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/people/sign-out": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign a person out everywhere
         * @description Needs the role admin; not open to access tokens.
         */
        post: operations["signOutPerson"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/services": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List services by name
         * @description Lists the team's services and your own. Needs the role viewer; scope read.
         */
        get: operations["listServices"];
        put?: never;
        /**
         * Save a new service
         * @description Needs the role member; scope services.
         */
        post: operations["createService"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/services/{service}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name. */
                service: components["parameters"]["service"];
            };
            cookie?: never;
        };
        /**
         * Read a service
         * @description Needs the role viewer; scope read.
         */
        get: operations["readService"];
        /**
         * Replace a service
         * @description A setting that is left out gets its default, except: the credential stays when it is
         *     left out, and so does each secret of a credential of the same kind. A secret that is
         *     null is deleted. A secret header or parameter keeps its value when none is given; the
         *     secrets of headers and parameters that are no longer listed are deleted. An answer of
         *     `readService` can be sent back unchanged. Needs the role member; scope services.
         */
        put: operations["replaceService"];
        post?: never;
        /**
         * Delete a service with its secrets and saved messages
         * @description Its sessions stay. Needs the role member; scope services.
         */
        delete: operations["deleteService"];
        options?: never;
        head?: never;
        /**
         * Rename a service or move it to a folder
         * @description Everything else stays, secrets too. For the owner and admins. Needs the role member; scope
         *     services.
         */
        patch: operations["changeService"];
        trace?: never;
    };
    "/api/services/{service}/ask": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name. */
                service: components["parameters"]["service"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Open a session to a service, ask one question in it, and close it
         * @description As `askSession`. A refused handshake is answered as by `openSession`. Needs the role
         *     member; scope sessions.
         */
        post: operations["askService"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/services/{service}/secrets/{field}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name. */
                service: components["parameters"]["service"];
                /** @description A secret field of the credential (`token`, `secret_key`), or a secret header or parameter (`headers[X-Api-Key]`). */
                field: string;
            };
            cookie?: never;
        };
        get?: never;
        /**
         * Change the hosts that a saved secret may be sent to
         * @description Entering a secret binds it to the host and port of the service's address, and to TLS
         *     when the address uses TLS. This call changes that; a field that is left out stays. Only
         *     the person who entered the secret and admins can make it. Needs the role member; scope
         *     services.
         */
        put: operations["bindSecret"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/services/{service}/messages": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name. */
                service: components["parameters"]["service"];
            };
            cookie?: never;
        };
        /**
         * List the saved messages of a service, by folder and position
         * @description Needs the role viewer; scope read.
         */
        get: operations["listSavedMessages"];
        put?: never;
        /**
         * Save the request body as a message, last in its folder
         * @description Needs the role member; scope services.
         */
        post: operations["createSavedMessage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/services/{service}/messages/{message}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name. */
                service: components["parameters"]["service"];
                /** @description Id. */
                message: components["parameters"]["message"];
            };
            cookie?: never;
        };
        /**
         * Read a saved message without its bytes
         * @description Needs the role viewer; scope read.
         */
        get: operations["readSavedMessage"];
        /**
         * Replace a saved message and its bytes
         * @description It keeps its position unless its folder changes. Needs the role member; scope services.
         */
        put: operations["replaceSavedMessage"];
        post?: never;
        /**
         * Delete a saved message
         * @description Needs the role member; scope services.
         */
        delete: operations["deleteSavedMessage"];
        options?: never;
        head?: never;
        /**
         * Rename or move a saved message
         * @description A field that is left out stays. In a new folder it comes last unless a position is
         *     given. Needs the role member; scope services.
         */
        patch: operations["changeSavedMessage"];
        trace?: never;
    };
    "/api/services/{service}/messages/{message}/body": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name. */
                service: components["parameters"]["service"];
                /** @description Id. */
                message: components["parameters"]["message"];
            };
            cookie?: never;
        };
        /**
         * Read the exact bytes of a saved message
         * @description Needs the role viewer; scope read.
         */
        get: operations["readSavedBody"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/dialect.schema.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the JSON Schema of dialects
         * @description For editors. Needs the role viewer; scope read.
         */
        get: operations["readDialectSchema"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/dialects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the built-in dialects and those of the team, by name
         * @description Needs the role viewer; scope read.
         */
        get: operations["listDialects"];
        put?: never;
        /**
         * Save a new dialect for the team
         * @description The name is the one that is written in it. With a mistake in the dialect nothing is
         *     saved, and the error `bad_dialect` has the `problems`. Needs the role member; scope
         *     services.
         */
        post: operations["createDialect"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/dialects/{dialect}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Name. */
                dialect: components["parameters"]["dialect"];
            };
            cookie?: never;
        };
        /**
         * Read a dialect, with what it asks for and what it sends
         * @description Needs the role viewer; scope read.
         */
        get: operations["readDialect"];
        /**
         * Replace a dialect of the team
         * @description Its name stays. Sessions that are open go on with the former one; the turns of ended
         *     sessions are read anew. A built-in dialect cannot be replaced. Needs the role member;
         *     scope services.
         */
        put: operations["replaceDialect"];
        post?: never;
        /**
         * Delete a dialect of the team
         * @description Services and sessions keep its name: a service is not dialled until another one is
         *     chosen. Needs the role member; scope services.
         */
        delete: operations["deleteDialect"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/history/days": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Count the sessions of each day
         * @description Days of the time zone, newest first; days without a session are left out. Needs the role
         *     viewer; scope read.
         */
        get: operations["countDays"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/history/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download several sessions as one ZIP file
         * @description With a file for each session, as `exportSession` gives it. Needs the role viewer; scope read.
         */
        get: operations["exportSessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/history/deletions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Delete several sessions after 10 s
         * @description Until `at_us` nothing is deleted, and `undoDeletion` drops the deletion. Sessions that
         *     are open, pinned, or of other owners are left out. The server drops the deletion when it
         *     stops, and when the person may no longer delete. Needs the role member; scope sessions.
         */
        post: operations["deleteSessions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/history/deletions/{deletion}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Drop a deletion before its time
         * @description An own one. It is not found once it has begun. Needs the role member; scope sessions.
         */
        delete: operations["undoDeletion"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Search the messages of all sessions, newest session first
         * @description The search answers after `budget_ms` with the matches so far, and earlier once there
         *     are some. Repeat the call with `next` until the answer has none. A session may come in
         *     two answers; its `found` counts then add up. Text that came in several messages is found
         *     in the joined text of its turn. Its first three matches come with a
         *     snippet. A search in `answers` looks only in the joined text of turns and in the errors of
         *     services: it is fast, and finds nothing in sessions without a dialect. Needs the role
         *     viewer; scope read.
         */
        get: operations["searchMessages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/folders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the folders of services, by name
         * @description A folder is a name that services share. Lists those with a service that you can see, and
         *     those that you made. Needs the role viewer; scope read.
         */
        get: operations["listFolders"];
        put?: never;
        /**
         * Make an empty folder
         * @description Others see it when a service of the team is in it. Needs the role member; scope services.
         */
        post: operations["createFolder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/folders/{folder}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Name, ignoring case. */
                folder: components["parameters"]["folder"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Delete a folder
         * @description No service is deleted: those in it stay, outside of folders. For the same people as
         *     `renameFolder`. Needs the role member; scope services.
         */
        delete: operations["deleteFolder"];
        options?: never;
        head?: never;
        /**
         * Rename a folder
         * @description Its services follow. For people who may change all of its services that they can see;
         *     private services of others stay where they are. Needs the role member; scope services.
         */
        patch: operations["renameFolder"];
        trace?: never;
    };
    "/api/folders/{folder}/services": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Name, ignoring case. */
                folder: components["parameters"]["folder"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Move all services out of a folder
         * @description The folder and the services stay. For the same people as `renameFolder`. Needs the role
         *     member; scope services.
         */
        delete: operations["emptyFolder"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/environments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the environments of the team, by name
         * @description Needs the role viewer; scope read.
         */
        get: operations["listEnvironments"];
        put?: never;
        /**
         * Save a new environment
         * @description Its values take the place of templates such as `{{region}}` in the address, parameters,
         *     headers and subprotocols of a service, and of variables of its dialect that the service
         *     leaves out. Its secrets are `{{secret.api_key}}`, except in an address, and secrets of the
         *     dialect that the service leaves out. `{{$now}}`, `{{$uuid}}`, `{{$random:8}}` and the
         *     filters of dialects can be used too; `\{{` is a literal `{{`. In a message templates are
         *     filled in only where its sender asks for it. Each secret goes only to the targets that
         *     are entered with it. Needs the role member; scope services.
         */
        post: operations["createEnvironment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/environments/{environment}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Name, ignoring case. */
                environment: string;
            };
            cookie?: never;
        };
        /**
         * Read an environment
         * @description Shows no value of a secret. Needs the role viewer; scope read.
         */
        get: operations["readEnvironment"];
        /**
         * Replace an environment
         * @description Values that are left out are deleted. A secret that is left out, or has no `value`, stays;
         *     null deletes it. Services follow a new name. Only the person who entered a secret can
         *     change its `targets` and `tls`; others enter a new value. Needs the role member; scope
         *     services.
         */
        put: operations["replaceEnvironment"];
        post?: never;
        /**
         * Delete an environment with its secrets
         * @description Services that name it cannot connect until they name another. Needs the role member; scope services.
         */
        delete: operations["deleteEnvironment"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/resolve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Show the handshake that a request to open a session would send
         * @description Takes the body of `openSession`, fills in templates, and adds the parts of the dialect and
         *     the credential, with secrets masked. Nothing is dialled. A token that is fetched before the
         *     handshake is left out, with all that is made of it. Needs the role member; scope sessions.
         */
        post: operations["resolveHandshake"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Test a connection
         * @description Takes the body of `openSession` and dials. Nothing is sent after the handshake: for a
         *     moment the test waits for a first message, five seconds if the dialect expects one, and
         *     then closes with 1000. It counts as a dial, and is written to the audit log. It is not
         *     stored, and its messages are not shown.
         *
         *     With `Accept: text/event-stream` the answer is a stream of events with JSON data: `phase`
         *     (a `DialPhase`) as they happen, at the end `result` (a `TestResult`) or `error` (an
         *     `Error`). An error before the dial is answered without a stream, with its status. When the
         *     request is aborted, the test ends. Needs the role member; scope sessions.
         */
        post: operations["testConnection"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List sessions and relays, newest first
         * @description Needs the role viewer; scope read.
         */
        get: operations["listSessions"];
        put?: never;
        /**
         * Connect to a service and open a session
         * @description Names a saved service, an address, or both. A field given here replaces the saved one
         *     for this session only. A secret that is left out of `credential` comes from the service
         *     when the kind is the same. It is sent only to the hosts it is bound to; for another host
         *     nothing is sent and the error is `secret_not_for_target`.
         *
         *     When the target refuses, the error is `handshake_refused`; when it does not answer,
         *     `target_unreachable`. Both carry the `handshake` as far as it came and a `diagnosis`.
         *
         *     With `Accept: text/event-stream` the answer is a stream of events with JSON data: `phase`
         *     (a `DialPhase`) as they happen, at the end `session` (a `Session`) or `error` (an `Error`).
         *     An error before the dial is answered without a stream, with its status. When the request
         *     is aborted, the dial ends. Needs the role member; scope sessions.
         */
        post: operations["openSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{session}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
            };
            cookie?: never;
        };
        /**
         * Read a session, running or ended
         * @description Needs the role viewer; scope read.
         */
        get: operations["readSession"];
        put?: never;
        post?: never;
        /**
         * Delete an ended session with its log
         * @description For its owner and admins. Needs the role member; scope sessions.
         */
        delete: operations["deleteSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{session}/close": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Close the connection to the target
         * @description Answers when the connection has ended; a target that does not answer the close frame is
         *     cut after 5 seconds. For the owner and admins. Needs the role member; scope sessions.
         */
        post: operations["closeSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{session}/access": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
            };
            cookie?: never;
        };
        get?: never;
        /**
         * Change who else can see a session and send in it
         * @description People who can see the session's service can always see the session. Only members and
         *     admins can send. For the owner and admins. Needs the role member; scope sessions.
         */
        put: operations["shareSession"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{session}/pin": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
            };
            cookie?: never;
        };
        get?: never;
        /**
         * Exempt a session from retention, or end the exemption
         * @description A pinned session can still be deleted by hand. Possible while it runs. For the owner and
         *     admins. Needs the role member; scope sessions.
         */
        put: operations["pinSession"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{session}/name": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
            };
            cookie?: never;
        };
        get?: never;
        /**
         * Give a session a name of its own
         * @description Lists show it in place of the name of the service. Empty takes it away. For the owner and
         *     admins. Needs the role member; scope sessions.
         */
        put: operations["nameSession"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{session}/owner": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make one of its viewers the owner of a session
         * @description For the owner and admins. Needs the role member; scope sessions.
         */
        post: operations["handOverSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{session}/attach": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
            };
            cookie?: never;
        };
        /**
         * Watch a session, and send in it, over a WebSocket
         * @description The handshake must offer the subprotocol `duplex.v1`. A browser's `Origin` must be the
         *     console's own; a request with an access token needs none.
         *
         *     Every message is a JSON text message. The server sends `ServerEvent`: first the state,
         *     then the rows after `after`, then changes as they happen. The viewer sends
         *     `ViewerEvent`, at most 1 MiB each. The socket stays open after the session has ended.
         *
         *     Before it closes the socket because of an error, the server sends a `bye` event with
         *     the error. `ViewerCloseCode` lists the close codes. To continue after a close, attach
         *     again with the newest `seq` as `after`.
         *
         *     Needs the role viewer and scope read; sending and closing need the role member and
         *     scope sessions, else they are answered with a `refused` event.
         */
        get: operations["attachViewer"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{session}/export": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
            };
            cookie?: never;
        };
        /**
         * Download the log of a session
         * @description Of a running session it is the log up to now. A connection that breaks off means that
         *     the file is not complete. Needs the role viewer; scope read.
         */
        get: operations["exportSession"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{session}/messages": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
            };
            cookie?: never;
        };
        /**
         * List messages and events in order
         * @description A search or filter answers after `budget_ms` with the rows so far, and earlier once
         *     there are some. Continue at `next_after`, or with `latest` at `next_before`, to the end
         *     of the range. One large message can take longer than `budget_ms` when the expression is
         *     complex. It is then named in `slow_seq`: ask again with more time. With a budget of
         *     5000 or more it is skipped and named in `skipped_seq`. Needs the role viewer; scope read.
         */
        get: operations["listMessages"];
        put?: never;
        /**
         * Send the request body as one message
         * @description Needs the role member; scope sessions. People other than the owner need the right to
         *     send.
         */
        post: operations["sendMessage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{session}/labels": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
            };
            cookie?: never;
        };
        /**
         * Count the labels that the dialect gives to messages
         * @description Labels are computed from the log. The answer comes after `budget_ms`: add further ones up
         *     by continuing at `next_after` until it is the newest seq. A session without a dialect has
         *     no labels. Needs the role viewer; scope read.
         */
        get: operations["countLabels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{session}/messages/{seq}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
                seq: number;
            };
            cookie?: never;
        };
        /**
         * Read the exact bytes of a message
         * @description Needs the role viewer; scope read.
         */
        get: operations["readMessage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{session}/series": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
            };
            cookie?: never;
        };
        /**
         * Read the course of a session, or of a part of it, in steps of equal length
         * @description Messages, bytes, gaps, and the rate of the answers' text. A gap is the time between a
         *     received message and the received one before it. With a dialect gaps are those of the
         *     turns, from the mark to done; without one, a gap is measured where no text was sent in
         *     between. The figures of the turns in that time come along. Needs the role viewer; scope
         *     read.
         */
        get: operations["readSeries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{session}/dialect": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
            };
            cookie?: never;
        };
        get?: never;
        /**
         * Choose the dialect that a session or recorded relay is read by
         * @description Its turns, labels and searches are those of the new dialect from then on; the log stays
         *     as it is. An open session goes on speaking the dialect that it was opened with. For the
         *     owner and admins. Needs the role member; scope sessions.
         */
        put: operations["chooseDialect"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{session}/turns": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
            };
            cookie?: never;
        };
        /**
         * List the turns of a session, running or ended, or of a recorded relay
         * @description They are computed from the log by the dialect of the session. Without one, a generic
         *     reading guesses them. Needs the role viewer; scope read.
         */
        get: operations["listTurns"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{session}/answer/stop": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop the answer under way
         * @description Sends the messages by which the dialect of the session stops an answer. The service ends
         *     the turn. Needs the role member; scope sessions. People other than the owner need the
         *     right to send.
         */
        post: operations["stopAnswer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{session}/turns/{turn}/pieces": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
                /** @description Its number from 1. */
                turn: components["parameters"]["turn"];
            };
            cookie?: never;
        };
        /**
         * Read which messages brought the parts of a turn's text
         * @description Needs the role viewer; scope read.
         */
        get: operations["readPieces"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{session}/turns/{turn}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
                /** @description Its number from 1. */
                turn: components["parameters"]["turn"];
            };
            cookie?: never;
        };
        /**
         * Read a turn
         * @description Needs the role viewer; scope read.
         */
        get: operations["readTurn"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{session}/turns/{turn}/audio": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
                /** @description Its number from 1. */
                turn: components["parameters"]["turn"];
            };
            cookie?: never;
        };
        /**
         * Read the joined audio of a turn
         * @description A WAV file of 16-bit samples; Opus comes in Ogg as the service sent it. Needs the role
         *     viewer; scope read.
         */
        get: operations["readTurnAudio"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{session}/turns/{turn}/levels": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
                /** @description Its number from 1. */
                turn: components["parameters"]["turn"];
            };
            cookie?: never;
        };
        /**
         * Read how loud the audio of a turn is
         * @description For pictures and for measures of long audio. An answer has at most 3,000 frames; `next`
         *     is where to go on. A frame is a message with audio. Needs the role viewer; scope read.
         */
        get: operations["readTurnLevels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{session}/turns/{turn}/growth": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
                /** @description Its number from 1. */
                turn: components["parameters"]["turn"];
            };
            cookie?: never;
        };
        /**
         * Read how the text of a sentence grew
         * @description A sentence is named by its `first_seq`; without it, it is the whole text of the turn.
         *     Needs the role viewer; scope read.
         */
        get: operations["readTurnGrowth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{session}/ask": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask one question by the dialect of a session, and wait for the answer
         * @description The question is a text or speech. Answers when the turn has ended. A turn that the
         *     service failed is an answer too: its `state` is `failed`, and `error` has the service's
         *     words. A service that stays mute for the time of its dialect's request limit, else 60
         *     seconds, gets the turn `cut`.
         *
         *     With `Accept: text/event-stream` the answer is a stream of events with JSON data: `text`
         *     (a `TextUpdate`), `audio` (`base64`: the next bytes of a WAV file of unknown length, or
         *     of an Ogg file), at the end `turn` (an `Answer`), or `error` (an `Error`). Needs the role
         *     member; scope sessions. People other than the owner need the right to send.
         */
        post: operations["askSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{session}/audio": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a WAV file by the dialect of a session
         * @description Answers when the sending has begun. Speech of another rate or with more channels is
         *     converted, and `notes` says so. Viewers are told the progress by `playing` events. One
         *     file is sent at a time. Needs the role member; scope sessions. People other than the
         *     owner need the right to send.
         */
        post: operations["playAudio"];
        /**
         * End the speech that is being sent
         * @description The messages that end speech are still sent. Needs the role member; scope sessions.
         */
        delete: operations["stopAudio"];
        options?: never;
        head?: never;
        /**
         * Pause the speech that is being sent, or go on
         * @description Where the service ends a connection without audio, silence is sent in the pause. Needs
         *     the role member; scope sessions.
         */
        patch: operations["pauseAudio"];
        trace?: never;
    };
    "/api/relay-tickets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create a ticket for one relay connection to a service
         * @description For a web app of another origin, whose page can hold no access token: its server calls
         *     this with a token of scope relay and gives the ticket to the page. A ticket is good for
         *     60 seconds and for one connection to this service. The page offers `subprotocol` after
         *     the subprotocols of the service, or adds `?ticket=` to `url`. Neither is passed on to the
         *     service. When the service chooses no subprotocol and the page offered no other one, the
         *     ticket's is chosen. The page's origin must be listed in `--relay-origins` or in
         *     `relay_origins` of the service. Needs the role member; scope relay.
         */
        post: operations["createRelayTicket"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/relay/{service}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name. */
                service: components["parameters"]["service"];
            };
            cookie?: never;
        };
        /**
         * Connect a WebSocket to a saved service
         * @description Duplex dials the service with its credential and passes messages one to one, both ways.
         *     The query is added to the service's address. Subprotocols and close frames pass through.
         *     The service is dialled before the handshake is answered, so a refusal is an HTTP answer.
         *
         *     A program needs no `Origin`. A page of another origin must be listed in `--relay-origins`
         *     or in `relay_origins` of the service; where people sign in it also needs a ticket or an
         *     access token. Needs the role member; scope relay.
         */
        get: operations["openRelay"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/relay/{service}/{path}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name. */
                service: components["parameters"]["service"];
                /** @description Added to the path of the service's address as it is spelled. It may be empty and may contain slashes. */
                path: string;
            };
            cookie?: never;
        };
        /**
         * Connect a WebSocket to a path of a saved service
         * @description As `openRelay`. Needs the role member; scope relay.
         */
        get: operations["openRelayPath"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List audit entries, newest first, or download all of them
         * @description Every entry carries the hash of the entry before it (`prev`), SHA-256 over its own
         *     fields (`hash`) and a code made with the key file (`mac`). With `format=jsonl` the
         *     answer is all entries that the filter selects, oldest first, one JSON object a line; a
         *     connection that breaks off means that the file is not complete. Reading the log is
         *     itself an entry, once an hour for each person, and so is each download. Needs the role
         *     admin; not open to access tokens.
         */
        get: operations["listAuditEntries"];
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
        /** @default false */
        Flag: boolean;
        /**
         * @description Each role can do everything that the roles before it can.
         * @enum {string}
         */
        Role: "viewer" | "member" | "admin";
        /**
         * @description The calls that an access token is limited to. `read`: lists, logs and searches.
         *     `sessions`: open, send, close. `services`: save and delete. `relay`: relays and tickets.
         * @enum {string}
         */
        Scope: "read" | "sessions" | "services" | "relay";
        /** @enum {string} */
        Direction: "sent" | "received" | "event";
        /**
         * @description Opcode of a WebSocket message.
         * @enum {string}
         */
        Opcode: "text" | "binary";
        /**
         * @description Rights of people other than the owner: `watch`, or watch and `send`. Left out of a request they stay.
         * @enum {string}
         */
        Rights: "watch" | "send";
        /** @enum {string} */
        SessionState: "connecting" | "open" | "closing" | "closed";
        /**
         * @description Present while the store has a fault. `away`: it cannot be reached. `full`: its disk is
         *     full. `lost`: its file is gone or was replaced. With these nothing can be sent, and
         *     received messages wait to be stored. `damaged`: part of it cannot be read.
         * @enum {string}
         */
        StoreCondition: "away" | "full" | "lost" | "damaged";
        /**
         * @description How a saved message is written. `text`, `json`, `xml` and `html` are sent as text; `hex`, `base64` and `file` as binary.
         * @enum {string}
         */
        MessageType: "text" | "json" | "xml" | "html" | "hex" | "base64" | "file";
        /**
         * @description `jsonl`: one JSON object a line. `har`: HAR 1.2. `txt`: for reading. `wav`, of a session
         *     with a dialect: its audio, on the left what was sent, on the right what was received. The
         *     Export menu of the console lists further ones.
         * @default jsonl
         */
        ExportFormat: string;
        /** @enum {string} */
        CredentialKind: "none" | "token" | "iam_password" | "api_key" | "aksk" | "app_code" | "app_key" | "app_signature" | "bearer" | "basic" | "header" | "query" | "subprotocol" | "sigv4" | "dialect";
        /**
         * @description The events of a session's log. `not_sent` and `unsure` mark sent messages that the
         *     target may not have: the first was stored too late to be sent, and of the second it is
         *     not known, because the server stopped.
         * @enum {string}
         */
        EventName: "connected" | "closed" | "ping_lost" | "ping_flood" | "message_too_large" | "invalid_utf8" | "send_failed" | "sent_late" | "step_failed" | "replies_dropped" | "subprotocol_not_chosen" | "drained" | "interrupted" | "not_sent" | "unsure";
        /**
         * @description Close codes of a viewer's socket when the server closes it. 1008: not
         *     allowed by a policy. 1009: an event was too large. 1011: an error of the server. 1012:
         *     the server shuts down, attach again. 1013: try again later. 1014: the target refused.
         *     4400: an event or parameter was not understood. 4401: the identity has ended, sign in
         *     and attach again. 4403: the viewer is not allowed to see the session. 4404: there is no
         *     such session.
         * @enum {integer}
         */
        ViewerCloseCode: 1008 | 1009 | 1011 | 1012 | 1013 | 1014 | 4400 | 4401 | 4403 | 4404;
        Person: {
            /** @description Issuer and subject. */
            id: string;
            name: string;
            email: string;
            /** @description A `Role`, as of the last visit; may be empty. */
            role: string;
            groups: string[];
            /** Format: int64 */
            seen_at_us: number;
            /** @description Browsers that are signed in. */
            sign_ins: number;
        };
        Token: {
            id: string;
            name: string;
            scopes: components["schemas"]["Scope"][];
            /** Format: int64 */
            made_at_us: number;
            /** Format: int64 */
            until_us: number;
            /**
             * Format: int64
             * @description 0 for never.
             */
            used_at_us: number;
            /** @description The token itself. Only in the answer of `createToken`. */
            token?: string;
        };
        /**
         * @example {
         *       "ticket": "dpt_abc",
         *       "expires_at_us": 1790000060000000,
         *       "url": "wss://duplex.example/relay/0193571c/",
         *       "subprotocol": "duplex.ticket.dpt_abc"
         *     }
         */
        RelayTicket: {
            ticket: string;
            /** Format: int64 */
            expires_at_us: number;
            /** @description Address of the relay, without the ticket. */
            url: string;
            /** @description `duplex.ticket.` and the ticket. */
            subprotocol: string;
        };
        /** @enum {string} */
        AuditAction: "session.open" | "session.refused" | "session.close" | "session.share" | "session.handover" | "session.delete" | "session.pin" | "session.name" | "session.dialect" | "connection.test" | "connection.test.refused" | "relay.open" | "relay.refused" | "relay.close" | "secret.use" | "secret.set" | "secret.bind" | "secret.delete" | "service.create" | "service.update" | "service.delete" | "environment.create" | "environment.update" | "environment.delete" | "folder.create" | "folder.update" | "folder.delete" | "dialect.create" | "dialect.update" | "dialect.delete" | "share" | "transcript.read" | "export" | "policy.denied" | "signin" | "signin.refused" | "signout" | "token.create" | "token.revoke" | "ticket.create" | "ticket.use" | "ticket.refused" | "admin.start" | "admin.stop" | "admin.audit.read" | "admin.audit.export";
        /**
         * @description An action that can fail is written as `ok` before it is done, and again as `failed` when
         *     it fails. `refused`: Duplex did not allow it.
         * @enum {string}
         */
        AuditOutcome: "ok" | "refused" | "failed";
        /** @enum {string} */
        AuditBreak: "edited" | "removed" | "inserted" | "reordered" | "truncated" | "replaced" | "head_altered" | "key_missing" | "empty";
        AuditEntry: {
            /**
             * Format: int64
             * @description From 1, without gaps.
             */
            seq: number;
            /** Format: int64 */
            at_us: number;
            /**
             * Format: date-time
             * @description The same time.
             */
            at: string;
            /** @description Empty for the program itself. */
            person_id: string;
            person_name: string;
            /** @description Network address of the request as the server saw it. */
            peer: string;
            action: components["schemas"]["AuditAction"];
            /** @description Id. */
            session: string;
            /** @description Id; empty while a service is created. */
            service: string;
            service_name: string;
            /** @description Host and port. */
            target: string;
            outcome: components["schemas"]["AuditOutcome"];
            /** @description For example an error code, names of secret fields, a format or a close code. */
            detail: string;
            /** @description Id of the request in the program's log. */
            request: string;
            /** @description Key of the key file that made `mac`. */
            key: string;
            /** @description Hash of the previous entry, in hex; 64 zeros for the first. */
            prev: string;
            hash: string;
            mac: string;
        };
        AuditPage: {
            entries: components["schemas"]["AuditEntry"][];
            /**
             * Format: int64
             * @description Continue with this as `before`; 0 at the end.
             */
            next_before: number;
            chain: {
                intact: boolean;
                /**
                 * Format: int64
                 * @description Newest entry up to which the chain was checked and is in order.
                 */
                checked: number;
                /** @description Hash of that entry. */
                head: string;
                /** @description The first break. */
                broken?: {
                    /** Format: int64 */
                    seq: number;
                    kind: components["schemas"]["AuditBreak"];
                };
            };
        };
        Pair: {
            name: string;
            value: string;
        };
        Header: {
            name: string;
            /** @description Empty when it is secret. */
            value: string;
            /** @description A header that is not enabled is kept and not sent. */
            enabled: boolean;
            /** @description The value is stored encrypted, bound to the service's address and masked. */
            secret?: boolean;
            /** @description Name of the secret: `headers[X-Api-Key]`. It stays when the header is renamed; send it back then. */
            field?: string;
        };
        HeaderRequest: {
            name: string;
            /** @description A secret has at least 6 bytes; left out or empty it stays. */
            value?: string;
            /** @default true */
            enabled?: boolean;
            /** @default false */
            secret?: boolean;
            /** @description Name of a kept secret. Without it the header's name is used. */
            field?: string;
        };
        QueryParameter: {
            name: string;
            /** @description Empty when it is secret. */
            value: string;
            /** @description A parameter that is not enabled is kept and not sent. */
            enabled: boolean;
            /** @description As of a header. It is sent after the others. */
            secret?: boolean;
            /** @description Name of the secret: `params[key]`. */
            field?: string;
            /** @description The bytes that are sent: `sig=a%2Bb/c=`, `flag`. Absent when secret. */
            raw?: string;
        };
        QueryParameterRequest: {
            /** @description At most 32 KiB; of a secret parameter 256 bytes. Required unless `raw` is given alone. */
            name?: string;
            /** @description At most 32 KiB. */
            value?: string;
            /** @default true */
            enabled?: boolean;
            /**
             * @description The name of a secret parameter must be unique.
             * @default false
             */
            secret?: boolean;
            field?: string;
            /**
             * @description Optional spelling. It is ignored when it does not decode to `name` and `value`, which
             *     are then percent-encoded. Alone it is one whole parameter.
             */
            raw?: string;
        };
        TLSRequest: {
            /** @description Certificates to trust in addition to the system's. */
            ca_pem?: string;
            /**
             * @description Accept any certificate. For admins, where `--allow-skip-verify` is set.
             * @default false
             */
            skip_verify?: boolean;
            /** @description Certificate to show to a service that asks for one, followed by its chain. Empty removes it with its key. */
            client_cert_pem?: string;
            /** @description Its private key, not encrypted: PKCS #8, PKCS #1 or SEC 1. Left out, the saved key stays with a certificate for the same key. */
            client_key_pem?: string;
            /** @description Ignored; answers have it. */
            client_certificate?: unknown;
            /** @description Ignored; answers have it. */
            client_key?: unknown;
        };
        Connection: {
            /**
             * @description ws, wss, http or https; http means ws and https means wss. Without a scheme it is wss,
             *     or ws for loopback and private addresses. Path and query are sent as they are spelled.
             *     A query is put before `params`. At most 64 KiB.
             */
            address?: string;
            params?: components["schemas"]["QueryParameterRequest"][];
            headers?: components["schemas"]["HeaderRequest"][];
            subprotocols?: string[];
            credential?: components["schemas"]["CredentialRequest"];
            /** @description Name of the environment that templates and the dialect take values from; empty for none. */
            environment?: string;
            /** @description How the service speaks. Empty for none. */
            dialect?: string | Record<string, never>;
            /**
             * @description Offer permessage-deflate.
             * @default false
             */
            compression?: boolean;
            /**
             * @description Send the header `traceparent` (W3C Trace Context), where OTEL_* variables have telemetry exported.
             * @default false
             */
            send_traceparent?: boolean;
            tls?: components["schemas"]["TLSRequest"];
            /**
             * @description Time between pings to the target.
             * @default 20
             */
            ping_interval?: number | string;
            /**
             * @description End a session when nothing, not even a pong, has come for this time. Otherwise a
             *     missing pong is noted and ends nothing, because a busy service answers no ping.
             *     Relays ignore it.
             * @default 0
             */
            pong_timeout?: number | string;
            limits?: {
                /**
                 * Format: int64
                 * @description Of one message, both ways.
                 * @default 67108864
                 */
                max_message_bytes?: number;
            };
        };
        ServiceRequest: components["schemas"]["Connection"] & {
            /** @description Unique, ignoring case. */
            name: string;
            /**
             * @description Keep the messages that pass a relay.
             * @default false
             */
            record_relay?: boolean;
            /** @description Origins of pages that may use the relay, in addition to `--relay-origins`: `https://app.example`. */
            relay_origins?: string[];
            /** @description True for the team, false for its owner only. Left out, a new service is the team's and a saved one stays as it is. */
            shared?: boolean;
            folder?: components["schemas"]["FolderName"];
            /** @description For a new service, the id of the service that it copies. Secrets that are left out are copied if the same person entered them and they may be sent to the same target. */
            copy_secrets_from?: string;
            /** @description Ignored; answers have it. */
            id?: string;
            /** @description Ignored; answers have it. */
            demo?: string;
            /** @description Ignored; answers have it. */
            owner?: string;
            /** @description Ignored; answers have it. */
            mine?: boolean;
            /** @description Ignored; answers have it. */
            may_change?: boolean;
            /** @description Ignored; answers have it. */
            secrets?: unknown;
        };
        SessionRequest: components["schemas"]["Connection"] & {
            /** @description Id or name of a saved service. */
            service?: string;
            /**
             * @description Ask IAM for a new token instead of using a cached one.
             * @default false
             */
            renew_token?: boolean;
        };
        /**
         * @description A kind with its fields. A write-only field is a secret of at least 6 bytes; in a saved
         *     service, left out it stays and null deletes it. `secrets`, which answers have, is ignored.
         */
        CredentialRequest: {
            /** @constant */
            kind: "none";
            secrets?: unknown;
        } | {
            /** @constant */
            kind: "token";
            token?: string | null;
            secrets?: unknown;
        } | {
            /** @constant */
            kind: "iam_password";
            iam_endpoint: string;
            domain: string;
            user: string;
            password?: string | null;
            project: string;
            secrets?: unknown;
        } | {
            /** @constant */
            kind: "api_key";
            key?: string | null;
            secrets?: unknown;
        } | {
            /** @constant */
            kind: "aksk";
            access_key: string;
            secret_key?: string | null;
            security_token?: string | null;
            project_id?: string;
            /**
             * @default SDK-HMAC-SHA256
             * @enum {string}
             */
            algorithm?: "SDK-HMAC-SHA256" | "V11-HMAC-SHA256";
            region?: string;
            service?: string;
            secrets?: unknown;
        } | {
            /** @constant */
            kind: "app_code";
            app_code?: string | null;
            secrets?: unknown;
        } | {
            /** @constant */
            kind: "app_key";
            app_key?: string | null;
            secrets?: unknown;
        } | {
            /** @constant */
            kind: "app_signature";
            app_key: string;
            app_secret?: string | null;
            /**
             * @default SDK-HMAC-SHA256
             * @enum {string}
             */
            algorithm?: "SDK-HMAC-SHA256" | "V11-HMAC-SHA256";
            region?: string;
            service?: string;
            secrets?: unknown;
        } | {
            /** @constant */
            kind: "bearer";
            token?: string | null;
            secrets?: unknown;
        } | {
            /** @constant */
            kind: "basic";
            username: string;
            password?: string | null;
            secrets?: unknown;
        } | {
            /** @constant */
            kind: "header";
            name: string;
            value?: string | null;
            secrets?: unknown;
        } | {
            /** @constant */
            kind: "query";
            name: string;
            value?: string | null;
            secrets?: unknown;
        } | {
            /** @constant */
            kind: "subprotocol";
            name?: string;
            value?: string | null;
            secrets?: unknown;
        } | {
            /** @constant */
            kind: "sigv4";
            access_key: string;
            secret_key?: string | null;
            security_token?: string | null;
            region: string;
            service: string;
            /**
             * @default header
             * @enum {string}
             */
            placement?: "header" | "query";
            secrets?: unknown;
        } | {
            /** @constant */
            kind: "dialect";
            vars?: {
                [key: string]: string | number | boolean;
            };
            secrets?: {
                [key: string]: string | null | Record<string, never>;
            };
        };
        /** @description The kind, the fields that are not secret by name, and `secrets`. */
        Credential: {
            kind: components["schemas"]["CredentialKind"];
            /** @description Of the kind dialect. */
            vars?: {
                [key: string]: string;
            };
            secrets: {
                [key: string]: components["schemas"]["SecretInfo"];
            };
        } & {
            [key: string]: string;
        };
        EnvironmentRequest: {
            /** @description Unique, ignoring case. Left out, a saved one stays. */
            name?: string;
            /** @description By name: a letter or `_`, then letters, digits and `_`. */
            values?: {
                [key: string]: string;
            };
            secrets?: {
                [key: string]: null | ({
                    /** @description At least 6 bytes. Left out, the saved one stays. */
                    value?: string;
                    /** @description Where it may be sent: `host`, `host:port` or `*.example.com`. Required for a new secret. */
                    targets?: string[];
                    /** @description Sent over TLS only. Left out, a new secret is, unless all its targets are this machine. */
                    tls?: boolean;
                } & {
                    [key: string]: unknown;
                });
            };
            /** @description Ignored; answers have it. */
            owner?: unknown;
            /** @description Ignored; answers have it. */
            updated_at_us?: unknown;
        };
        Environment: {
            name: string;
            values: {
                [key: string]: string;
            };
            secrets: {
                [key: string]: components["schemas"]["SecretInfo"];
            };
            /** @description Who saved it last. */
            owner: string;
            /** Format: int64 */
            updated_at_us: number;
        };
        /** @description Facts about a saved secret; never its value. */
        SecretInfo: {
            set: boolean;
            /** @description Equal values have equal fingerprints. */
            fingerprint: string;
            /** Format: int64 */
            updated_at_us: number;
            /**
             * Format: int64
             * @description 0 for never.
             */
            last_used_at_us: number;
            /** @description Id of the person who entered it. */
            owner: string;
            owner_name: string;
            /** @description The caller can change `targets` and `tls`. */
            may_bind: boolean;
            /** @description Where it may be sent: `host`, `host:port` or `*.example.com`. */
            targets: string[];
            /** @description Sent over TLS only. */
            tls: boolean;
            /** @description Where it is exchanged for the token that the targets get. */
            endpoint?: string;
            /** @description It may be sent to the service's present address. If not it must be entered again. */
            usable: boolean;
        };
        ClientCertificate: {
            subject: string;
            issuer: string;
            /** @description SHA-256 of the certificate, in hex. */
            fingerprint: string;
            /** Format: int64 */
            not_before_us: number;
            /** Format: int64 */
            not_after_us: number;
        };
        Service: {
            id: string;
            name: string;
            /** @description Without the parameters. */
            address: string;
            params: components["schemas"]["QueryParameter"][];
            headers: components["schemas"]["Header"][];
            subprotocols: string[];
            credential: components["schemas"]["Credential"];
            /** @description The secret headers and parameters, by their `field`. */
            secrets: {
                [key: string]: components["schemas"]["SecretInfo"];
            };
            compression: boolean;
            tls: {
                ca_pem: string;
                /** @description Present when the certificate is not checked. */
                skip_verify?: boolean;
                client_cert_pem?: string;
                client_certificate?: components["schemas"]["ClientCertificate"];
                client_key?: components["schemas"]["SecretInfo"];
            };
            /** @description Seconds; 0 for off. */
            ping_interval: number;
            /** @description Seconds; 0 for off. */
            pong_timeout: number;
            limits: {
                /** Format: int64 */
                max_message_bytes: number;
            };
            send_traceparent: boolean;
            record_relay: boolean;
            relay_origins: string[];
            /** @description True for the team, false for its owner only. */
            shared: boolean;
            /** @description Name of its dialect; empty for none. */
            dialect: string;
            /** @description Name of its environment; empty for none. */
            environment: string;
            folder: components["schemas"]["FolderName"];
            /** @description Name of the demo endpoint; empty for other services. */
            demo: string;
            /** @description Name of the owner. */
            owner: string;
            /** @description The caller is the owner. */
            mine: boolean;
            /** @description The caller can save and delete it. */
            may_change: boolean;
        };
        /** @description Name of the folder that it is listed in, ignoring case; empty for none. Left out, it stays. */
        FolderName: string;
        Folder: {
            name: string;
            /** @description Number of its services that you can see. */
            services: number;
            /** @description You may rename, empty and delete it. */
            may_change: boolean;
        };
        SavedMessage: {
            id: string;
            name: string;
            /** @description Empty for none. */
            folder: string;
            /** @description In its folder, from 0. */
            position: number;
            type: components["schemas"]["MessageType"];
            opcode: components["schemas"]["Opcode"];
            /**
             * Format: int64
             * @description In bytes.
             */
            size: number;
            /** Format: int64 */
            updated_at_us: number;
        };
        Session: {
            id: string;
            state: components["schemas"]["SessionState"];
            /** @enum {string} */
            kind: "session" | "relay";
            /** @description Id of the service. */
            service?: string;
            service_name?: string;
            /** @description Name that people gave to it. Not in events on the sockets of viewers. */
            name?: string;
            /** @description Masked where it carries the credential. */
            address: string;
            subprotocol?: string;
            /** Format: int64 */
            opened_at_us: number;
            /** Format: int64 */
            ended_at_us?: number;
            /** Format: int64 */
            last_seq: number;
            /**
             * Format: int64
             * @description Messages.
             */
            sent: number;
            /**
             * Format: int64
             * @description Messages.
             */
            received: number;
            /** Format: int64 */
            bytes_sent: number;
            /** Format: int64 */
            bytes_received: number;
            /** @description As received; 1006 when no close frame came. */
            close_code?: number;
            /** @description As received. */
            close_reason?: string;
            /** @description Both close frames were seen. */
            clean?: boolean;
            /**
             * Format: int64
             * @description When it ends if nobody watches.
             */
            keep_until_us?: number;
            store?: components["schemas"]["StoreCondition"];
            /** @description Name of the person who opened it. */
            opened_by?: string;
            /** @description Present when retention does not delete it. Not in events on the sockets of viewers. */
            pinned?: boolean;
            access: components["schemas"]["Access"];
            viewers?: components["schemas"]["Viewer"][];
            /** @description Of the end; while the session is open, of the error of its newest turn. */
            diagnosis?: components["schemas"]["Diagnosis"];
            /** @description Only in answers about one session. */
            handshake?: components["schemas"]["Handshake"];
            /** @description Turns of the dialect that have ended. In lists only. */
            turns?: number;
            /** @description Sentences of the turns, where the dialect has them. In lists only. */
            sentences?: number;
            /** @description How it ended, in a few words: `closed 1000`, `504 in a message`. Absent while it runs. */
            outcome?: string;
            /** @description The outcome is an error. */
            failed?: boolean;
            /** @description Name of its dialect; absent when it has none. */
            dialect?: string;
            dialect_title?: string;
            /** @description Name of the environment that its variables are from. */
            environment?: string;
            /** @description The dialect's opening is over, and the session takes a text or speech. */
            ready?: boolean;
            /**
             * Format: int64
             * @description When the turn without a complete answer was asked; absent when there is none.
             */
            asked_us?: number;
            /** @description The dialect can send a text. */
            takes_text?: boolean;
            /** @description The message by which the dialect stops an answer; absent when it cannot, or the session has ended. */
            stops_by?: string;
            /** @description Absent when the dialect takes no speech. */
            takes_audio?: components["schemas"]["AudioFormat"];
            speaks?: components["schemas"]["Speaks"];
            limits?: components["schemas"]["Limits"];
        };
        /**
         * @default messages
         * @enum {string}
         */
        SearchIn: "messages" | "answers";
        /**
         * @description `broken`: closed without a clean close. `failed`: ended with an error, or one of its turns has one.
         * @enum {string}
         */
        StateFilter: "open" | "closed" | "broken" | "failed";
        /** @description A day with the sessions that were opened on it. */
        Day: {
            /** @description As 2006-01-02. */
            day: string;
            /**
             * Format: int64
             * @description Its first midnight.
             */
            from_us: number;
            /**
             * Format: int64
             * @description Its last midnight.
             */
            to_us: number;
            /** Format: int64 */
            sessions: number;
        };
        Deletion: {
            /** @description Absent when nothing will be deleted. */
            id?: string;
            /**
             * Format: int64
             * @description When it begins.
             */
            at_us?: number;
            /** @description Ids of the sessions that will be deleted. */
            sessions: string[];
            left_out: {
                id: string;
                reason: components["schemas"]["LeftOut"];
            }[];
        };
        /**
         * @description Why a session is not deleted. `pinned`: unpin it first. `running`: it is open. `owner`:
         *     only its owner or an admin may. `gone`: there is none.
         * @enum {string}
         */
        LeftOut: "pinned" | "running" | "owner" | "gone";
        ClosedRelay: {
            id: string;
            /** @constant */
            state: "closed";
        };
        /** @description The owner of a session and the rights of the person who asks and of others. */
        Access: {
            /** @description Name of the owner; empty when unknown. */
            owner: string;
            /** @description Everybody who has the link can open it. */
            shared: boolean;
            rights: components["schemas"]["Rights"];
            /** @description The caller is the owner. */
            mine: boolean;
            may_send: boolean;
            /** @description The caller can close it, share it and hand it over. */
            may_manage: boolean;
        };
        /** @description A browser attached to a session. */
        Viewer: {
            id: string;
            name: string;
            /** @description This socket. */
            you?: boolean;
            /** @description Another window of the same person. */
            same?: boolean;
            /** @description The session can be handed over to this person. */
            may_own?: boolean;
        };
        /** @description The opening of the connection. Values that carry the credential are masked. */
        Handshake: {
            /** @description Status of the target's answer; 0 when none came. */
            status: number;
            phases_us: components["schemas"]["Phases"];
            /** @description Network address of the target, or of the egress proxy. */
            remote: string;
            /** @description `host:port` of the egress proxy; absent without one. */
            proxy?: string;
            tls: components["schemas"]["TLS"] | null;
            request_headers: components["schemas"]["Pair"][];
            response_headers: components["schemas"]["Pair"][];
        };
        /**
         * @description A step of a connection that is being opened or tested. A phase that happens is `started`,
         *     and then `done`, `failed`, or `none` when the first message did not come. After
         *     `failed` an event tells the error. Facts come when the phase is done.
         */
        DialPhase: {
            phase: components["schemas"]["DialPhaseName"];
            state: components["schemas"]["DialPhaseState"];
            /**
             * Format: int64
             * @description Microseconds since the beginning.
             */
            at_us: number;
            /**
             * Format: int64
             * @description Of a phase that is done or failed.
             */
            took_us?: number;
            /** @description Of `dns`: the addresses of the name. */
            addresses?: string[];
            /** @description Of `tcp`: the network address of the target, or of the egress proxy. */
            remote?: string;
            /** @description Of `proxy`: its `host:port`. */
            proxy?: string;
            tls?: components["schemas"]["TLS"];
            /** @description Of `upgrade`. */
            status?: number;
            /** @description Of `upgrade`: the one that the service chose. */
            subprotocol?: string;
            /** @description Of `first_message`: the dialect expects one. */
            expects?: boolean;
            /** @description Of `first_message`: the label of the one that the dialect expects. */
            expected?: string;
            first?: components["schemas"]["FirstMessage"];
            closed?: components["schemas"]["TestClose"];
        };
        /** @enum {string} */
        DialPhaseName: "address" | "credential" | "dns" | "policy" | "tcp" | "proxy" | "tls" | "upgrade" | "first_message" | "close";
        /** @enum {string} */
        DialPhaseState: "started" | "done" | "failed" | "none";
        /** @description The first message of a tested connection, without its content. */
        FirstMessage: {
            /** @enum {string} */
            opcode: "text" | "binary";
            /**
             * Format: int64
             * @description Bytes.
             */
            size: number;
            /** @description By the dialect. */
            label?: string;
            /**
             * Format: int64
             * @description Since the handshake.
             */
            after_us: number;
        };
        /** @description The end of a tested connection. */
        TestClose: {
            /** @description As received; 1006 without a close frame. */
            code: number;
            reason?: string;
            /** @description Both close frames were seen. */
            clean: boolean;
            /** @description Duplex closed first. */
            by_us: boolean;
        };
        TestResult: {
            handshake: components["schemas"]["Handshake"];
            first: components["schemas"]["FirstMessage"] | null;
            closed: components["schemas"]["TestClose"];
            /** @description Why the service ended the connection, or the error in its first message. */
            diagnosis: components["schemas"]["Diagnosis"] | null;
        };
        /** @description Duration of each phase in microseconds; 0 for a phase that was skipped. */
        Phases: {
            /**
             * Format: int64
             * @description Of the egress proxy's name, where one is used.
             */
            dns: number;
            /**
             * Format: int64
             * @description To the egress proxy, where one is used.
             */
            tcp: number;
            /**
             * Format: int64
             * @description TLS to the egress proxy and its answer to CONNECT.
             */
            proxy?: number;
            /** Format: int64 */
            tls: number;
            /** Format: int64 */
            upgrade: number;
            /** Format: int64 */
            total: number;
        };
        /** @description The TLS connection to the target and the target's certificate. */
        TLS: {
            version: string;
            server_name: string;
            subject: string;
            issuer: string;
            dns_names: string[];
            /** Format: int64 */
            not_before_us: number;
            /** Format: int64 */
            not_after_us: number;
            /** @description Present when the certificate was not checked. */
            unverified?: boolean;
        };
        /** @description The cause of a failed or broken connection, and its fix. */
        Diagnosis: {
            /** @description Stable name of the rule that applied. */
            rule: string;
            /** @description The service's own words, quoted from its refusal, close reason or last message. `cause` begins with them. */
            said?: string;
            cause: string;
            evidence: string[];
            fix: string;
            action?: components["schemas"]["DiagnosisAction"];
            /** @description For `sync_address` the address to use. */
            action_value?: string;
            /** @description The service's own words, without quotes and code. */
            words?: string;
            /** @description The service's own error code. */
            code?: string;
            by?: components["schemas"]["DiagnosisSide"];
            /**
             * Format: int64
             * @description The message that has the words; absent when no message has them.
             */
            message_seq?: number;
            /** @description `evidence` as a table. */
            facts: components["schemas"]["DiagnosisFact"][];
        };
        /**
         * @description Who refused or ended the connection. Absent when unknown.
         * @enum {string}
         */
        DiagnosisSide: "service" | "gateway" | "container" | "proxy" | "duplex" | "network";
        /** @description A row of evidence. */
        DiagnosisFact: {
            /** @description Stable name of the fact, as `status`. */
            key: string;
            /** @description Empty where the value is a sentence. */
            name: string;
            value: string;
        };
        /**
         * @description A fix that the console offers as a button.
         * @enum {string}
         */
        DiagnosisAction: "switch_to_ws" | "switch_to_wss" | "renew_token" | "sync_address" | "edit_auth" | "edit_headers" | "edit_settings" | "reconnect" | "use_v11";
        /** @description A message or event of a session's log, without its body. */
        Row: {
            /**
             * Format: int64
             * @description From 1, without gaps.
             */
            seq: number;
            /** Format: int64 */
            at_us: number;
            direction: components["schemas"]["Direction"];
            opcode?: components["schemas"]["Opcode"];
            /**
             * Format: int64
             * @description Of the whole payload, in bytes.
             */
            size: number;
            /** @description Text: the first characters. Binary: the first bytes in hex. Event: its facts as JSON. */
            preview: string;
            /** @description A binary message that is readable text: `preview` and `snippet` are text, not hex. */
            as_text?: boolean;
            /** @description The preview is shorter than the payload. */
            truncated: boolean;
            /** @description A text message with bytes that are not UTF-8. */
            invalid_utf8?: boolean;
            /** @description Name of the person who sent it. */
            sender?: string;
            /** @description Id that the sender gave it. */
            client_id?: string;
            event?: components["schemas"]["EventName"];
            /** @description The kind of message, by the session's dialect. */
            label?: string;
            /** @description Its content in a few words, by the session's dialect. */
            gist?: string;
            /** @description The gist is the beginning of a text that its turn joins in this way: append, whole, segment or keyed, as a dialect names them. */
            joins?: string;
            /** @description The path that selects the joined text. */
            path?: string;
            sound?: components["schemas"]["Sound"];
            /** @description The session's dialect reads an error in it, fatal or not. */
            error?: boolean;
            snippet?: components["schemas"]["Snippet"];
        };
        /** @description The audio of a message, by the session's dialect. */
        Sound: {
            /** @description s16le, f32le, mulaw, alaw or opus. */
            encoding: string;
            /** @description Hz. */
            rate?: number;
            channels?: number;
            /**
             * Format: int64
             * @description Its length in microseconds.
             */
            us?: number;
            /** @description RMS in dB below full scale, at most -1; -96 is silence. Of a large message, that of the beginning. */
            level_db?: number;
            /** @description The path of the base64 in JSON, `*` for the longest one; `@name` for a field of a frame. Without it the message is the audio. */
            path?: string;
        };
        LabelCount: {
            /** @description Empty for messages without a label. */
            label: string;
            /** Format: int64 */
            count: number;
        };
        LabelPage: {
            /** @description At most 500, the most frequent first. */
            labels: components["schemas"]["LabelCount"][];
            /**
             * Format: int64
             * @description The messages up to it are counted.
             */
            next_after: number;
            /** @description There are more than 500 labels. */
            more?: boolean;
        };
        /** @description The first match of a search and the text around it; text or hex, as the preview is. */
        Snippet: {
            /**
             * Format: int64
             * @description Of the match in the payload, in bytes.
             */
            offset: number;
            before: string;
            /** @description Only the beginning of a long match. */
            match: string;
            after: string;
        };
        RowPage: {
            messages: components["schemas"]["Row"][];
            /**
             * Format: int64
             * @description Continue with this as `after`.
             */
            next_after: number;
            /**
             * Format: int64
             * @description In a search with `latest`: continue with this as `before`.
             */
            next_before?: number;
            /**
             * Format: int64
             * @description The row that `around` or `at_us` asked for.
             */
            at_seq?: number;
            /**
             * Format: int64
             * @description A message that takes longer to search than `budget_ms`.
             */
            slow_seq?: number;
            /** @description In the first answer of a search: the turns whose joined text matches. */
            turns?: components["schemas"]["FoundTurn"][];
            /**
             * Format: int64
             * @description A message that was skipped because it takes longer to search than `budget_ms`.
             */
            skipped_seq?: number;
        };
        Amount: {
            /** Format: int64 */
            sessions: number;
            /** Format: int64 */
            messages: number;
        };
        FoundSession: {
            session: components["schemas"]["Session"];
            /** @description Matching messages, without those of the previous answer. */
            found: number;
            /** @description Matching texts of turns; of a search in answers. */
            texts?: number;
            /** @description Counting stopped at 1000. */
            more: boolean;
            messages: components["schemas"]["Row"][];
            /** @description Turns whose joined text matches: at most 20, in a search of answers 3. */
            turns?: components["schemas"]["FoundTurn"][];
        };
        /** @description A turn whose joined text matches. The text may have come in several messages. */
        FoundTurn: {
            n: number;
            /** Format: int64 */
            first_seq: number;
            /** Format: int64 */
            last_seq: number;
            stream: components["schemas"]["Stream"];
            snippet: components["schemas"]["Snippet"];
            /** @description Number of the sentence in the session, from 1; of a dialect that has sentences. */
            sentence?: number;
            /**
             * Format: int64
             * @description Of the sentence, since the speech of its turn began.
             */
            at_us?: number;
            /** @description The text is that of an error. */
            error?: boolean;
            /**
             * Format: int64
             * @description The message with the error.
             */
            error_seq?: number;
        };
        SearchPage: {
            sessions: components["schemas"]["FoundSession"][];
            searched: components["schemas"]["Amount"];
            /** @description All there is to search; in the first answer. */
            total?: components["schemas"]["Amount"];
            /** @description Absent at the end. */
            next?: string;
            /** @description The next message takes longer than `budget_ms`. Ask again with more time. */
            slow?: boolean;
            /** @description Messages that were skipped because each takes longer than `budget_ms`. */
            skipped: number;
        };
        DialectSummary: {
            name: string;
            /** @description In the language of the answer. */
            title: string;
            /** @description It came with Duplex, and cannot be changed. */
            builtin: boolean;
            /** @description It recognises `address`. */
            suggested?: boolean;
        };
        /** @description How one kind of service speaks. */
        Dialect: {
            name: string;
            /** @description In the language of the answer. */
            title: string;
            /** @description It came with Duplex, and cannot be changed. */
            builtin: boolean;
            /** @description The dialect itself. */
            yaml: string;
            /** @description The document that it was written from. */
            source?: string;
            /** @description The day on which it was compared with the document, as 2006-01-02. */
            checked?: string;
            /** @description The day on which it stops to be true. */
            until?: string;
            /** @description Name of the person who saved it last. */
            owner?: string;
            /** Format: int64 */
            updated_at_us?: number;
            vars: components["schemas"]["DialectVar"][];
            secrets: components["schemas"]["DialectSecret"][];
            takes_text: boolean;
            /** @description Absent when it takes no speech. */
            takes_audio?: components["schemas"]["AudioFormat"];
            speaks?: components["schemas"]["Speaks"];
            limits: components["schemas"]["Limits"];
            /** @description The messages that it sends, in their order. */
            sends: components["schemas"]["DialectSend"][];
            /** @description The paths in messages of the service from which the answer is joined. */
            reads: string[];
        };
        DialectVar: {
            name: string;
            /** @description In the language of the answer. */
            title: string;
            default: string;
            /** @description It has no default. */
            required: boolean;
        };
        DialectSecret: {
            name: string;
            optional: boolean;
        };
        DialectSend: {
            /** @enum {string} */
            when: "open" | "text" | "audio" | "keepalive" | "reply" | "cancel" | "finish";
            opcode: components["schemas"]["Opcode"];
            /** @description Its template. Values are in double braces, as `{{secret.api_key}}`; the parts of a binary message are in their order. */
            text: string;
            /** @description The kind of message, by the dialect; absent when it tells none. */
            label?: string;
        };
        DialectProblem: {
            /** @description From 1. */
            line: number;
            /** @description From 1. */
            column: number;
            /** @description `receive.text[0].mode`. */
            path: string;
            detail: string;
            /** @description The valid key or value that is most like the wrong one. */
            nearest?: string;
        };
        /** @description The form in which a dialect sends speech. */
        AudioFormat: {
            /** @description In Hz. */
            rate: number;
            encoding: components["schemas"]["Encoding"];
            channels: number;
            frame_ms: number;
        };
        /** @description The limits of a service; one that is absent is not known. */
        Limits: {
            /** Format: int64 */
            message_bytes?: number;
            /**
             * Format: int64
             * @description Of a frame of audio.
             */
            frame_min_bytes?: number;
            /**
             * Format: int64
             * @description Of a frame of audio.
             */
            frame_max_bytes?: number;
            /** @description Of audio: 1 is real time. */
            rate?: number;
            /** Format: int64 */
            idle_ms?: number;
            /** @description Only audio ends the idle time. */
            idle_audio?: boolean;
            /**
             * Format: int64
             * @description Between two frames of audio.
             */
            gap_ms?: number;
            /**
             * Format: int64
             * @description Of one turn.
             */
            audio_ms?: number;
            /** Format: int64 */
            session_ms?: number;
            /**
             * Format: int64
             * @description From the mark to the end of the answer.
             */
            request_ms?: number;
            /** @description Of one text. */
            chars?: number;
        };
        /**
         * @description `failed`: the service reported an error, or closed unexpectedly. `cut`: the connection or
         *     Duplex ended the turn before it was done.
         * @enum {string}
         */
        TurnState: "open" | "done" | "failed" | "cut";
        /**
         * @description One request and its answer. Times are those of the rows: microseconds since 1970, from
         *     the stamps taken at the socket. One that is absent did not happen.
         */
        Turn: {
            /** @description From 1. */
            n: number;
            state: components["schemas"]["TurnState"];
            /** Format: int64 */
            first_seq: number;
            /** Format: int64 */
            last_seq: number;
            /**
             * Format: int64
             * @description The message that asks for the answer.
             */
            mark_seq?: number;
            /**
             * Format: int64
             * @description When it was sent.
             */
            mark_us?: number;
            /**
             * Format: int64
             * @description The first frame of audio that was sent.
             */
            audio_start_us?: number;
            /**
             * Format: int64
             * @description The last frame of audio that was sent.
             */
            audio_end_us?: number;
            /**
             * Format: int64
             * @description The first message after the mark.
             */
            first_message_us?: number;
            /**
             * Format: int64
             * @description Interim text counts too.
             */
            first_text_us?: number;
            /** Format: int64 */
            first_audio_us?: number;
            /** Format: int64 */
            done_us?: number;
            /** @description The word of the service for why the answer is done, as `stop` or `length`. */
            done_why?: string;
            text: components["schemas"]["TurnText"];
            /** @description A text is longer than 4 MiB, and its end is left out. */
            text_cut?: boolean;
            /** @description No dialect says which text is the answer. */
            guessed?: boolean;
            /**
             * Format: int64
             * @description In both directions.
             */
            messages: number;
            /**
             * Format: int64
             * @description In both directions.
             */
            bytes: number;
            /**
             * Format: int64
             * @description Those of `messages` that were sent.
             */
            sent_messages?: number;
            /**
             * Format: int64
             * @description Those of `bytes` that were sent.
             */
            sent_bytes?: number;
            gaps?: components["schemas"]["Gaps"];
            /** @description `input_tokens`, `output_tokens`. */
            usage?: {
                [key: string]: number;
            };
            error?: components["schemas"]["TurnError"];
            audio?: components["schemas"]["TurnAudio"];
            /**
             * Format: int64
             * @description Messages that do not fit the rules of the dialect.
             */
            unread?: number;
            /** @description The text that was asked. */
            request?: string;
            segments?: components["schemas"]["Segment"][];
            /** @description Calls of tools that the service asked for. */
            tools?: components["schemas"]["ToolCall"][];
            interrupted?: components["schemas"]["Interruption"];
        };
        /** @description A call of a tool. Its result, and the last two members, are absent until the result is known. */
        ToolCall: {
            id?: string;
            name: string;
            /** @description JSON, where the service writes JSON. */
            arguments?: string;
            /** Format: int64 */
            seq: number;
            /** Format: int64 */
            at_us: number;
            result?: string;
            /** Format: int64 */
            done_seq?: number;
            /** Format: int64 */
            done_us?: number;
        };
        /** @description The moment at which an answer was interrupted. */
        Interruption: {
            /** Format: int64 */
            at_us: number;
            /**
             * Format: int64
             * @description The message that told it first.
             */
            seq: number;
            /**
             * Format: int64
             * @description The part of the audio that was heard; absent when nobody told it.
             */
            played_ms?: number;
        };
        Answer: {
            /** @description Id of the session. */
            session: string;
            turn: components["schemas"]["Turn"];
            /** @description How the speech was converted. */
            notes: string[];
        };
        /**
         * @description Each list has a number for each step; `null` where there was nothing to measure. Times
         *     are microseconds since 1970.
         */
        Series: {
            /** Format: int64 */
            from_us: number;
            /**
             * Format: int64
             * @description The end of the last step.
             */
            to_us: number;
            /** Format: int64 */
            step_us: number;
            /** @description Messages. */
            sent: number[];
            /** @description Messages. */
            received: number[];
            sent_bytes: number[];
            received_bytes: number[];
            gap_p50_us: components["schemas"]["SeriesFigures"];
            gap_p95_us: components["schemas"]["SeriesFigures"];
            gap_max_us: components["schemas"]["SeriesFigures"];
            gaps?: components["schemas"]["Gaps"];
            rate: components["schemas"]["SeriesFigures"];
            rate_unit: components["schemas"]["RateUnit"];
            /** @description Turns of that time, if only in part. */
            turns: components["schemas"]["TurnFigures"][];
        };
        SeriesFigures: (number | null)[];
        /**
         * @description Of the text, a second. Empty without text.
         * @enum {string}
         */
        RateUnit: "" | "tokens" | "characters";
        /** @description Times and amounts of a turn, without its texts. A time that is absent did not happen. */
        TurnFigures: {
            /** @description From 1. */
            n: number;
            state: components["schemas"]["TurnState"];
            /** Format: int64 */
            first_seq: number;
            /** Format: int64 */
            last_seq: number;
            /**
             * Format: int64
             * @description The first of its times, that of speech included.
             */
            from_us: number;
            /**
             * Format: int64
             * @description The last of its times; now for an open turn.
             */
            to_us: number;
            /** Format: int64 */
            mark_us?: number;
            /**
             * Format: int64
             * @description The last audio frame sent.
             */
            audio_end_us?: number;
            /** Format: int64 */
            first_text_us?: number;
            /** Format: int64 */
            first_audio_us?: number;
            /** Format: int64 */
            done_us?: number;
            /** @description Why it was done, in a word of the service. */
            done_why?: string;
            /** @description The request, or what a recogniser heard; at most 200 characters. */
            asked?: string;
            /**
             * Format: int64
             * @description Length of the speech that was sent.
             */
            spoken_ms?: number;
            /** @description Of the answer. */
            characters: number;
            /**
             * Format: int64
             * @description Of the answer; absent where the service does not tell.
             */
            tokens?: number;
            /**
             * Format: int64
             * @description In both directions.
             */
            messages: number;
            /**
             * Format: int64
             * @description Absent when there is no gap.
             */
            gap_p95_us?: number;
            /** @description The code of its error. */
            error?: string;
        };
        TurnText: {
            answer: string;
            /** @description What a recogniser heard, where an answer follows it. */
            user?: string;
        };
        /** @description The service's own words. */
        TurnError: {
            code?: string;
            message?: string;
            /**
             * Format: int64
             * @description The message that has it; absent for a close frame.
             */
            seq?: number;
        };
        TurnAudio: {
            /** Format: int64 */
            answer_ms: number;
            /** Format: int64 */
            user_ms: number;
            answer?: components["schemas"]["TurnStream"];
            user?: components["schemas"]["TurnStream"];
        };
        /** @enum {string} */
        Encoding: "s16le" | "f32le" | "mulaw" | "alaw" | "opus";
        /**
         * @description `transcript`: hears speech and answers with its text. `voice`: answers with speech. Absent for others.
         * @enum {string}
         */
        Speaks: "transcript" | "voice";
        /** @description The audio of one side of a turn. */
        TurnStream: {
            encoding: components["schemas"]["Encoding"];
            /** @description Hz; absent when it is not known. */
            rate?: number;
            channels: number;
            /**
             * Format: int64
             * @description The message that told the rate; absent when the dialect has it.
             */
            format_seq?: number;
            /**
             * Format: int64
             * @description Messages with audio.
             */
            chunks: number;
            /** Format: int64 */
            bytes: number;
            /**
             * Format: int64
             * @description The time of the last message with audio.
             */
            last_us: number;
        };
        /** @description The times between received messages after the mark, in microseconds. */
        Gaps: {
            /** Format: int64 */
            p50_us: number;
            /** Format: int64 */
            p95_us: number;
            /** Format: int64 */
            max_us: number;
            /**
             * Format: int64
             * @description The message after the greatest.
             */
            max_seq?: number;
            /** @description In their order, each the greatest of as many gaps, at most 64. */
            series?: number[];
        };
        /**
         * @description How loud each frame of audio is. The four lists have one item for each frame. A frame has
         *     as many equal parts as `parts` says, about 20 ms each: one byte for each part of all
         *     frames, in base64, in `peaks` (255 is full scale) and `powers` (255 is silence, else
         *     twice the power below full scale in dB).
         */
        Levels: {
            seq: number[];
            at_us: number[];
            /** @description Their lengths in milliseconds. */
            ms: number[];
            parts: number[];
            peaks: string;
            powers: string;
            /**
             * Format: int64
             * @description Of all these frames.
             */
            bytes: number;
            /**
             * Format: int64
             * @description Samples at full scale.
             */
            clipped: number;
            /** Format: int64 */
            next: number;
            /** @description No more will come. */
            ended: boolean;
        };
        Growth: {
            /** @description The texts in the order of their coming, at most 500. */
            texts: components["schemas"]["GrowthText"][];
            /**
             * Format: int64
             * @description In both directions since the sentence before.
             */
            messages: number;
            /**
             * Format: int64
             * @description Messages with audio that were sent since the sentence before.
             */
            frames: number;
            /**
             * Format: int64
             * @description Of audio, in all these messages.
             */
            frame_bytes: number;
            /**
             * Format: int64
             * @description The length of this audio.
             */
            sent_ms: number;
            /**
             * Format: int64
             * @description Frames that were written later than they were due.
             */
            late: number;
            /** Format: int64 */
            frame_gap_p95_us: number;
            /**
             * Format: int64
             * @description Between received messages.
             */
            largest_gap_us: number;
            /**
             * Format: int64
             * @description The message after it.
             */
            largest_gap_seq: number;
        };
        GrowthText: {
            /** Format: int64 */
            seq: number;
            /** Format: int64 */
            at_us: number;
            text: string;
        };
        /** @enum {string} */
        Stream: "answer" | "user";
        /** @description A piece of text with the message that brought it. */
        Segment: {
            stream: components["schemas"]["Stream"];
            text: string;
            final: boolean;
            /** Format: int64 */
            seq: number;
            /** Format: int64 */
            at_us: number;
            /**
             * Format: int64
             * @description The message that brought its first words.
             */
            first_seq?: number;
            /**
             * Format: int64
             * @description The time of that message.
             */
            first_us?: number;
            /**
             * Format: int64
             * @description Messages that brought it.
             */
            texts?: number;
            /**
             * Format: int64
             * @description The audio that had been sent by its first words.
             */
            first_sent_ms?: number;
            /**
             * Format: int64
             * @description The audio that had been sent by this text.
             */
            sent_ms?: number;
        };
        /** @description The part of a text that one message brought, up to the next piece. */
        Piece: {
            /** @description Its place in UTF-16 code units. */
            from: number;
            /** Format: int64 */
            seq: number;
        };
        /** @description A turn that changed. */
        TurnUpdate: {
            /** @description Its `text` is empty; its `segments` are those after `keep_segments`. */
            turn: components["schemas"]["Turn"];
            /** @description Those that changed. */
            texts: components["schemas"]["TextUpdate"][];
            /** @description Segments of the previous update that stay. */
            keep_segments: number;
        };
        TextUpdate: {
            stream: components["schemas"]["Stream"];
            /** @description UTF-16 code units of the previous text that stay. */
            keep: number;
            /** @description Follows them. */
            text: string;
        };
        /** @description Speech that is sent to the target. */
        Playing: {
            id: string;
            /** Format: int64 */
            sent_ms: number;
            /** Format: int64 */
            total_ms: number;
            state: components["schemas"]["PlayingState"];
            /** @description A person pauses it. */
            paused?: boolean;
            /** @description It comes from a microphone. */
            live?: boolean;
            /** @description How the speech was converted. */
            notes?: string[];
        };
        /**
         * @description `stopped`: by a person. `failed`: the connection ended.
         * @enum {string}
         */
        PlayingState: "playing" | "done" | "stopped" | "failed";
        /** @description A message of the server on a viewer's socket. */
        ServerEvent: components["schemas"]["StateEvent"] | components["schemas"]["RowsEvent"] | components["schemas"]["TurnsEvent"] | components["schemas"]["PlayingEvent"] | components["schemas"]["SentEvent"] | components["schemas"]["RefusedEvent"] | components["schemas"]["ByeEvent"];
        /** @description The session, first of all and when it changes. */
        StateEvent: {
            /** @constant */
            type: "state";
            state: components["schemas"]["Session"];
        };
        /** @description The next rows of the log, ascending and without gaps. */
        RowsEvent: {
            /** @constant */
            type: "rows";
            rows: components["schemas"]["Row"][];
            /**
             * Format: int64
             * @description Newest seq of the session.
             */
            last_seq: number;
        };
        /**
         * @description Turns that are new or changed, at most 20 events a second. Only a session with a dialect
         *     has them.
         */
        TurnsEvent: {
            /** @constant */
            type: "turns";
            turns: components["schemas"]["TurnUpdate"][];
        };
        /** @description The progress of `playAudio`. */
        PlayingEvent: {
            /** @constant */
            type: "playing";
            playing: components["schemas"]["Playing"];
        };
        /** @description A `send` or `prompt` is stored and was written to the target. */
        SentEvent: {
            /** @constant */
            type: "sent";
            client_id: string;
            /** Format: int64 */
            seq: number;
        };
        /** @description An event of the viewer failed. The socket stays open. */
        RefusedEvent: {
            /** @constant */
            type: "refused";
            /** @description Of the `send` or `prompt`. */
            client_id?: string;
            error: components["schemas"]["ErrorBody"];
        };
        /** @description The reason for which the server closes the socket next. */
        ByeEvent: {
            /** @constant */
            type: "bye";
            error?: components["schemas"]["ErrorBody"];
        };
        /** @description A message of a viewer on its socket. */
        ViewerEvent: components["schemas"]["SendEvent"] | components["schemas"]["PromptEvent"] | components["schemas"]["MicrophoneEvent"] | components["schemas"]["CloseEvent"];
        /** @description Sends one message to the target. */
        SendEvent: {
            /** @constant */
            type: "send";
            /** @description Visible ASCII. The same id twice sends the message once. */
            client_id: string;
            opcode: components["schemas"]["Opcode"];
            /** @description Payload of a text message. */
            text?: string;
            /** @description Payload of a binary message. */
            base64?: string;
            /**
             * @description Fill in the templates of the payload.
             * @default false
             */
            resolve?: boolean;
        };
        /** @description Sends a text by the dialect of the session. */
        PromptEvent: {
            /** @constant */
            type: "prompt";
            /** @description Visible ASCII. The same id twice sends the text once. */
            client_id: string;
            text: string;
        };
        /**
         * @description Begins or ends speech. While it is on, binary messages of the viewer are its samples, 16
         *     bits each, little-endian, of one channel. They are sent by the dialect of the session.
         */
        MicrophoneEvent: {
            /** @constant */
            type: "microphone";
            /** @description Of the samples, in Hz. Required to begin. */
            rate?: number;
            /** @default false */
            on?: boolean;
        };
        /** @description Closes the connection to the target, as `closeSession` does. */
        CloseEvent: {
            /** @constant */
            type: "close";
            /** @default 1000 */
            code?: number;
            reason?: string;
        };
        /**
         * @example {
         *       "error": {
         *         "code": "missing_field",
         *         "message": "This field is required.",
         *         "field": "address"
         *       }
         *     }
         */
        Error: {
            error: components["schemas"]["ErrorBody"];
        };
        ErrorBody: {
            code: components["schemas"]["ErrorCode"];
            /** @description For people; it is safe to show. */
            message: string;
            /** @description The wrong input: `address`, `params[0].name`, `credential.secret_key`. */
            field?: string;
            rule?: components["schemas"]["InputRule"];
            /**
             * Format: int64
             * @description Lower bound of the rule `range`, when it is not 0.
             */
            least?: number;
            /**
             * Format: int64
             * @description Upper bound of the rule.
             */
            limit?: number;
            /** @description Place of a template in the field, in characters from 1. */
            column?: number;
            /** @description The mistakes of a dialect, in the order of its lines. */
            problems?: components["schemas"]["DialectProblem"][];
            diagnosis?: components["schemas"]["Diagnosis"];
            /** @description Status of the target's answer. */
            status?: number;
            /** @description Body of the target's answer, at most 64 KiB. */
            body?: string;
            handshake?: components["schemas"]["Handshake"];
            /** @description Id of the request in the program's log and in the audit log; every answer has it in `X-Request-Id` too. */
            request_id?: string;
        };
        /**
         * @description The rule that the field breaks.
         * @enum {string}
         */
        InputRule: "max_bytes" | "max_total_bytes" | "max_characters" | "max_items" | "range" | "token" | "unique" | "no_controls" | "no_secret" | "one_parameter" | "template" | "variable_name" | "of_address" | "of_subprotocol";
        /**
         * @description Stable for programs. `x-status` gives the HTTP status of each code.
         * @enum {string}
         */
        ErrorCode: "address_refused" | "bad_audio" | "bad_close_code" | "bad_close_reason" | "bad_dialect" | "bad_event" | "bad_json" | "bad_name" | "bad_origin" | "bad_path" | "bad_search" | "bad_value" | "client_cert_refused" | "credential_field_unknown" | "credential_kind_unknown" | "header_bad_name" | "header_bad_value" | "header_conflict" | "header_forbidden" | "header_too_long" | "header_too_many" | "identity_ambiguous" | "invalid_utf8" | "missing_field" | "missing_secret" | "missing_variable" | "over_limit" | "path_ambiguous" | "query_ambiguous" | "query_conflict" | "search_too_long" | "secret_too_short" | "sign_in_stale" | "subprotocol_required" | "undefined_variable" | "unknown_variable" | "lease_ended" | "sign_in_required" | "signed_out" | "token_refused" | "access_ended" | "cross_origin_refused" | "forwarded_refused" | "no_role" | "not_secret_owner" | "origin_refused" | "owner_required" | "peer_refused" | "proxy_refused" | "role_required" | "scope_required" | "secret_needs_saved_ca" | "secret_needs_verified_tls" | "secret_not_for_target" | "sign_in_refused" | "skip_verify_refused" | "target_blocked" | "ticket_refused" | "ticket_required" | "viewer_cannot_own" | "watch_only" | "audio_not_found" | "dialect_not_found" | "environment_not_found" | "folder_not_found" | "message_not_found" | "not_found" | "saved_not_found" | "secret_not_found" | "service_not_found" | "session_not_found" | "token_not_found" | "turn_not_found" | "method_not_allowed" | "upload_too_slow" | "audio_busy" | "dialect_builtin" | "dialect_failed" | "dialect_taken" | "name_taken" | "no_dialect" | "no_tokens" | "saved_full" | "saved_too_many_bytes" | "services_too_large" | "session_closed" | "session_running" | "too_many_dialects" | "too_many_environments" | "too_many_services" | "too_many_tokens" | "viewer_gone" | "message_too_large" | "request_too_large" | "saved_too_large" | "unsupported_media_type" | "host_refused" | "upgrade_required" | "too_many_bytes" | "too_many_dials" | "too_many_dials_to_target" | "too_many_open" | "too_many_tickets" | "too_many_viewers" | "internal" | "key_missing" | "credential_refused" | "handshake_refused" | "not_ready" | "send_failed" | "target_unreachable" | "assets_not_built" | "audit_unavailable" | "draining" | "provider_unreachable" | "store_damaged" | "store_lost" | "store_unavailable" | "storage_full";
    };
    responses: {
        /** @description The folder. */
        Folder: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Folder"];
            };
        };
        /** @description The environment. */
        Environment: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Environment"];
            };
        };
        /** @description The service. */
        Service: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Service"];
            };
        };
        /** @description The saved message. */
        SavedMessage: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["SavedMessage"];
            };
        };
        /** @description The session. */
        Session: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Session"];
            };
        };
        /** @description The audio. */
        Audio: {
            headers: {
                "Content-Disposition": components["headers"]["ContentDisposition"];
                [name: string]: unknown;
            };
            content: {
                "audio/wav": string;
                "audio/ogg": string;
            };
        };
        /** @description The turn has ended. */
        Answer: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Answer"];
                "text/event-stream": string;
            };
        };
        /** @description The dialect. */
        Dialect: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Dialect"];
            };
        };
        /** @description All bytes. */
        Bytes: {
            headers: {
                ETag: components["headers"]["ETag"];
                "Content-Disposition": components["headers"]["ContentDisposition"];
                [name: string]: unknown;
            };
            content: {
                "application/octet-stream": string;
            };
        };
        /** @description The ranges asked for; several ranges come as `multipart/byteranges`. */
        PartialBytes: {
            headers: {
                ETag: components["headers"]["ETag"];
                "Content-Range": components["headers"]["ContentRange"];
                [name: string]: unknown;
            };
            content: {
                "application/octet-stream": string;
                "multipart/byteranges": string;
            };
        };
        /** @description The bytes have not changed. */
        NotModified: {
            headers: {
                [name: string]: unknown;
            };
            content?: never;
        };
        /** @description The range lies outside. */
        RangeNotSatisfiable: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "text/plain": string;
            };
        };
        /** @description The service accepted. Messages pass between it and the caller from here on. */
        Relayed: {
            headers: {
                /** @description The subprotocol that the service chose. */
                "Sec-WebSocket-Protocol"?: string;
                [name: string]: unknown;
            };
            content?: never;
        };
        /** @description The call failed; `ErrorCode` tells the status of each code. */
        Error: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                "X-Request-Id": components["headers"]["RequestID"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
    };
    parameters: {
        /** @description Id or name. */
        service: string;
        /** @description Id. */
        message: string;
        /** @description Name, ignoring case. */
        folder: string;
        /** @description Name. */
        dialect: string;
        /** @description Its number from 1. */
        turn: number;
        /** @description Name of another dialect to read by; empty for the generic reading. */
        readBy: string;
        /** @description Seconds from the end of the question, or a duration such as `90s`; at most an hour. */
        timeout: string;
        /** @description Id. */
        session: string;
        savedName: string;
        /** @description Empty for none. */
        savedFolder: string;
        savedType: components["schemas"]["MessageType"];
        /** @description Parts to read, for example `bytes=0-1023`. */
        range: string;
        /** @description An `ETag` of a previous answer. */
        ifNoneMatch: string;
        /** @description `q` is a regular expression (RE2). */
        regex: components["schemas"]["Flag"];
        /** @description Ignore case. */
        fold: components["schemas"]["Flag"];
        /** @description Time to search before answering. */
        budget: number;
        /** @description Id of a service, or part of its name or of the address. */
        ofService: string;
        ofState: components["schemas"]["StateFilter"];
        /** @description Part of the name of the person who opened it. */
        openedBy: string;
        /** @description Opened at this time or later. */
        openedFrom: number;
        /** @description Opened before this time. */
        openedTo: number;
    };
    requestBodies: {
        Question: {
            content: {
                /**
                 * @example {
                 *       "text": "Say hello."
                 *     }
                 */
                "application/json": {
                    text: string;
                    /** @description Visible ASCII. Repeating a call with the same id asks once. */
                    client_id?: string;
                };
                "audio/wav": string;
            };
        };
        /** @description The dialect, at most 64 KiB; `/api/dialect.schema.json` describes it. */
        Dialect: {
            content: {
                "application/yaml": string;
                "application/json": Record<string, never>;
            };
        };
        /** @description The bytes, of any media type, at most `max_message_bytes` of the service. A text message must be UTF-8. */
        SavedMessage: {
            content: {
                "*/*": string;
            };
        };
        Service: {
            content: {
                /**
                 * @example {
                 *       "name": "EasyAnimate",
                 *       "address": "wss://gateway.example/v1/infers/abc",
                 *       "credential": {
                 *         "kind": "api_key",
                 *         "key": "..."
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["ServiceRequest"];
            };
        };
        Folder: {
            content: {
                /**
                 * @example {
                 *       "name": "Speech"
                 *     }
                 */
                "application/json": {
                    /** @description Unique, ignoring case. */
                    name: string;
                };
            };
        };
        Environment: {
            content: {
                /**
                 * @example {
                 *       "name": "staging",
                 *       "values": {
                 *         "region": "cn-north-4"
                 *       },
                 *       "secrets": {
                 *         "api_key": {
                 *           "value": "...",
                 *           "targets": [
                 *             "api.example.com"
                 *           ]
                 *         }
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["EnvironmentRequest"];
            };
        };
    };
    headers: {
        /** @description Id of the request. Every answer has it, and so have the lines of the program's log and the entries of the audit log about it. */
        RequestID: string;
        /** @description Names the file. */
        ContentDisposition: string;
        /** @description For `If-None-Match`. */
        ETag: string;
        /** @description The range and the whole size, in bytes. */
        ContentRange: string;
        /** @description Seconds after which another try can succeed, when that is known. */
        RetryAfter: number;
    };
    pathItems: never;
}
export type Flag = components['schemas']['Flag'];
export type Role = components['schemas']['Role'];
export type Scope = components['schemas']['Scope'];
export type Direction = components['schemas']['Direction'];
export type Opcode = components['schemas']['Opcode'];
export type Rights = components['schemas']['Rights'];
export type SessionState = components['schemas']['SessionState'];
export type StoreCondition = components['schemas']['StoreCondition'];
export type MessageType = components['schemas']['MessageType'];
export type ExportFormat = components['schemas']['ExportFormat'];
export type CredentialKind = components['schemas']['CredentialKind'];
export type EventName = components['schemas']['EventName'];
export type ViewerCloseCode = components['schemas']['ViewerCloseCode'];
export type Person = components['schemas']['Person'];
export type Token = components['schemas']['Token'];
export type RelayTicket = components['schemas']['RelayTicket'];
export type AuditAction = components['schemas']['AuditAction'];
export type AuditOutcome = components['schemas']['AuditOutcome'];
export type AuditBreak = components['schemas']['AuditBreak'];
export type AuditEntry = components['schemas']['AuditEntry'];
export type AuditPage = components['schemas']['AuditPage'];
export type Pair = components['schemas']['Pair'];
export type Header = components['schemas']['Header'];
export type HeaderRequest = components['schemas']['HeaderRequest'];
export type QueryParameter = components['schemas']['QueryParameter'];
export type QueryParameterRequest = components['schemas']['QueryParameterRequest'];
export type TlsRequest = components['schemas']['TLSRequest'];
export type Connection = components['schemas']['Connection'];
export type ServiceRequest = components['schemas']['ServiceRequest'];
export type SessionRequest = components['schemas']['SessionRequest'];
export type CredentialRequest = components['schemas']['CredentialRequest'];
export type Credential = components['schemas']['Credential'];
export type EnvironmentRequest = components['schemas']['EnvironmentRequest'];
export type Environment = components['schemas']['Environment'];
export type SecretInfo = components['schemas']['SecretInfo'];
export type ClientCertificate = components['schemas']['ClientCertificate'];
export type Service = components['schemas']['Service'];
export type FolderName = components['schemas']['FolderName'];
export type Folder = components['schemas']['Folder'];
export type SavedMessage = components['schemas']['SavedMessage'];
export type Session = components['schemas']['Session'];
export type SearchIn = components['schemas']['SearchIn'];
export type StateFilter = components['schemas']['StateFilter'];
export type Day = components['schemas']['Day'];
export type Deletion = components['schemas']['Deletion'];
export type LeftOut = components['schemas']['LeftOut'];
export type ClosedRelay = components['schemas']['ClosedRelay'];
export type Access = components['schemas']['Access'];
export type Viewer = components['schemas']['Viewer'];
export type Handshake = components['schemas']['Handshake'];
export type DialPhase = components['schemas']['DialPhase'];
export type DialPhaseName = components['schemas']['DialPhaseName'];
export type DialPhaseState = components['schemas']['DialPhaseState'];
export type FirstMessage = components['schemas']['FirstMessage'];
export type TestClose = components['schemas']['TestClose'];
export type TestResult = components['schemas']['TestResult'];
export type Phases = components['schemas']['Phases'];
export type Tls = components['schemas']['TLS'];
export type Diagnosis = components['schemas']['Diagnosis'];
export type DiagnosisSide = components['schemas']['DiagnosisSide'];
export type DiagnosisFact = components['schemas']['DiagnosisFact'];
export type DiagnosisAction = components['schemas']['DiagnosisAction'];
export type Row = components['schemas']['Row'];
export type Sound = components['schemas']['Sound'];
export type LabelCount = components['schemas']['LabelCount'];
export type LabelPage = components['schemas']['LabelPage'];
export type Snippet = components['schemas']['Snippet'];
export type RowPage = components['schemas']['RowPage'];
export type Amount = components['schemas']['Amount'];
export type FoundSession = components['schemas']['FoundSession'];
export type FoundTurn = components['schemas']['FoundTurn'];
export type SearchPage = components['schemas']['SearchPage'];
export type DialectSummary = components['schemas']['DialectSummary'];
export type Dialect = components['schemas']['Dialect'];
export type DialectVar = components['schemas']['DialectVar'];
export type DialectSecret = components['schemas']['DialectSecret'];
export type DialectSend = components['schemas']['DialectSend'];
export type DialectProblem = components['schemas']['DialectProblem'];
export type AudioFormat = components['schemas']['AudioFormat'];
export type Limits = components['schemas']['Limits'];
export type TurnState = components['schemas']['TurnState'];
export type Turn = components['schemas']['Turn'];
export type ToolCall = components['schemas']['ToolCall'];
export type Interruption = components['schemas']['Interruption'];
export type Answer = components['schemas']['Answer'];
export type Series = components['schemas']['Series'];
export type SeriesFigures = components['schemas']['SeriesFigures'];
export type RateUnit = components['schemas']['RateUnit'];
export type TurnFigures = components['schemas']['TurnFigures'];
export type TurnText = components['schemas']['TurnText'];
export type TurnError = components['schemas']['TurnError'];
export type TurnAudio = components['schemas']['TurnAudio'];
export type Encoding = components['schemas']['Encoding'];
export type Speaks = components['schemas']['Speaks'];
export type TurnStream = components['schemas']['TurnStream'];
export type Gaps = components['schemas']['Gaps'];
export type Levels = components['schemas']['Levels'];
export type Growth = components['schemas']['Growth'];
export type GrowthText = components['schemas']['GrowthText'];
export type Stream = components['schemas']['Stream'];
export type Segment = components['schemas']['Segment'];
export type Piece = components['schemas']['Piece'];
export type TurnUpdate = components['schemas']['TurnUpdate'];
export type TextUpdate = components['schemas']['TextUpdate'];
export type Playing = components['schemas']['Playing'];
export type PlayingState = components['schemas']['PlayingState'];
export type ServerEvent = components['schemas']['ServerEvent'];
export type StateEvent = components['schemas']['StateEvent'];
export type RowsEvent = components['schemas']['RowsEvent'];
export type TurnsEvent = components['schemas']['TurnsEvent'];
export type PlayingEvent = components['schemas']['PlayingEvent'];
export type SentEvent = components['schemas']['SentEvent'];
export type RefusedEvent = components['schemas']['RefusedEvent'];
export type ByeEvent = components['schemas']['ByeEvent'];
export type ViewerEvent = components['schemas']['ViewerEvent'];
export type SendEvent = components['schemas']['SendEvent'];
export type PromptEvent = components['schemas']['PromptEvent'];
export type MicrophoneEvent = components['schemas']['MicrophoneEvent'];
export type CloseEvent = components['schemas']['CloseEvent'];
export type Error = components['schemas']['Error'];
export type ErrorBody = components['schemas']['ErrorBody'];
export type InputRule = components['schemas']['InputRule'];
export type ErrorCode = components['schemas']['ErrorCode'];
export type ResponseFolder = components['responses']['Folder'];
export type ResponseEnvironment = components['responses']['Environment'];
export type ResponseService = components['responses']['Service'];
export type ResponseSavedMessage = components['responses']['SavedMessage'];
export type ResponseSession = components['responses']['Session'];
export type ResponseAudio = components['responses']['Audio'];
export type ResponseAnswer = components['responses']['Answer'];
export type ResponseDialect = components['responses']['Dialect'];
export type ResponseBytes = components['responses']['Bytes'];
export type ResponsePartialBytes = components['responses']['PartialBytes'];
export type ResponseNotModified = components['responses']['NotModified'];
export type ResponseRangeNotSatisfiable = components['responses']['RangeNotSatisfiable'];
export type ResponseRelayed = components['responses']['Relayed'];
export type ResponseError = components['responses']['Error'];
export type ParameterService = components['parameters']['service'];
export type ParameterMessage = components['parameters']['message'];
export type ParameterFolder = components['parameters']['folder'];
export type ParameterDialect = components['parameters']['dialect'];
export type ParameterTurn = components['parameters']['turn'];
export type ParameterReadBy = components['parameters']['readBy'];
export type ParameterTimeout = components['parameters']['timeout'];
export type ParameterSession = components['parameters']['session'];
export type ParameterSavedName = components['parameters']['savedName'];
export type ParameterSavedFolder = components['parameters']['savedFolder'];
export type ParameterSavedType = components['parameters']['savedType'];
export type ParameterRange = components['parameters']['range'];
export type ParameterIfNoneMatch = components['parameters']['ifNoneMatch'];
export type ParameterRegex = components['parameters']['regex'];
export type ParameterFold = components['parameters']['fold'];
export type ParameterBudget = components['parameters']['budget'];
export type ParameterOfService = components['parameters']['ofService'];
export type ParameterOfState = components['parameters']['ofState'];
export type ParameterOpenedBy = components['parameters']['openedBy'];
export type ParameterOpenedFrom = components['parameters']['openedFrom'];
export type ParameterOpenedTo = components['parameters']['openedTo'];
export type RequestBodyQuestion = components['requestBodies']['Question'];
export type RequestBodyDialect = components['requestBodies']['Dialect'];
export type RequestBodySavedMessage = components['requestBodies']['SavedMessage'];
export type RequestBodyService = components['requestBodies']['Service'];
export type RequestBodyFolder = components['requestBodies']['Folder'];
export type RequestBodyEnvironment = components['requestBodies']['Environment'];
export type HeaderRequestId = components['headers']['RequestID'];
export type HeaderContentDisposition = components['headers']['ContentDisposition'];
export type HeaderETag = components['headers']['ETag'];
export type HeaderContentRange = components['headers']['ContentRange'];
export type HeaderRetryAfter = components['headers']['RetryAfter'];
export type $defs = Record<string, never>;
export interface operations {
    checkHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The process runs. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        status: "ok";
                    };
                };
            };
        };
    };
    checkReadiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description New sessions can be opened. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        status: "ready";
                    };
                };
            };
            default: components["responses"]["Error"];
        };
    };
    readMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The Prometheus text format, or the format that `Accept` asks for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            default: components["responses"]["Error"];
        };
    };
    readVersion: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The version. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description The commit that the program was built from, or its release.
                         * @example 3e1f0c2a9b7d
                         */
                        version: string;
                        /**
                         * @description The version of Go that built it.
                         * @example go1.26.0
                         */
                        go: string;
                    };
                };
            };
            default: components["responses"]["Error"];
        };
    };
    readDocument: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description An OpenAPI 3.1 document. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/yaml": string;
                };
            };
            default: components["responses"]["Error"];
        };
    };
    readLease: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The person who asks. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "person": {
                     *         "id": "local",
                     *         "name": "local",
                     *         "role": "admin"
                     *       },
                     *       "expires_at": null,
                     *       "renew_in_ms": null
                     *     }
                     */
                    "application/json": {
                        person: {
                            id: string;
                            name: string;
                            role: components["schemas"]["Role"];
                        };
                        /**
                         * Format: date-time
                         * @description Null when it does not end.
                         */
                        expires_at: string | null;
                        /** @description Call again after this time to keep sockets open. */
                        renew_in_ms: number | null;
                    };
                };
            };
            default: components["responses"]["Error"];
        };
    };
    signOut: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @default false */
                    everywhere?: boolean;
                };
            };
        };
        responses: {
            /** @description You are signed out. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Address to open next; it ends the sign-in at the provider. */
                        location: string;
                    };
                };
            };
            default: components["responses"]["Error"];
        };
    };
    listTokens: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The tokens that are not revoked, without their secret part. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        tokens: components["schemas"]["Token"][];
                    };
                };
            };
            default: components["responses"]["Error"];
        };
    };
    createToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "nightly test",
                 *       "scopes": [
                 *         "read",
                 *         "sessions"
                 *       ],
                 *       "days": 30
                 *     }
                 */
                "application/json": {
                    /** @description For people; it need not be unique. */
                    name: string;
                    scopes: components["schemas"]["Scope"][];
                    /**
                     * @description Lifetime.
                     * @default 90
                     */
                    days?: number;
                };
            };
        };
        responses: {
            /** @description The token. Its secret part is shown in this answer only. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Token"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    revokeToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the token. */
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The token is revoked. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Error"];
        };
    };
    listPeople: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All people. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        people: components["schemas"]["Person"][];
                    };
                };
            };
            default: components["responses"]["Error"];
        };
    };
    signOutPerson: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Id of the person. */
                    person: string;
                };
            };
        };
        responses: {
            /** @description The person is signed out. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        person: string;
                    };
                };
            };
            default: components["responses"]["Error"];
        };
    };
    listServices: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All services that you can see. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        services: components["schemas"]["Service"][];
                    };
                };
            };
            default: components["responses"]["Error"];
        };
    };
    createService: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: components["requestBodies"]["Service"];
        responses: {
            201: components["responses"]["Service"];
            default: components["responses"]["Error"];
        };
    };
    readService: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name. */
                service: components["parameters"]["service"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Service"];
            default: components["responses"]["Error"];
        };
    };
    replaceService: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name. */
                service: components["parameters"]["service"];
            };
            cookie?: never;
        };
        requestBody: components["requestBodies"]["Service"];
        responses: {
            200: components["responses"]["Service"];
            default: components["responses"]["Error"];
        };
    };
    deleteService: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name. */
                service: components["parameters"]["service"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The service is deleted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Error"];
        };
    };
    changeService: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name. */
                service: components["parameters"]["service"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "folder": "Speech"
                 *     }
                 */
                "application/json": {
                    name?: string;
                    folder?: components["schemas"]["FolderName"];
                };
            };
        };
        responses: {
            200: components["responses"]["Service"];
            default: components["responses"]["Error"];
        };
    };
    askService: {
        parameters: {
            query?: {
                /** @description Seconds from the end of the question, or a duration such as `90s`; at most an hour. */
                timeout?: components["parameters"]["timeout"];
                /** @description Name of another environment than the service's; empty for none. */
                environment?: string;
            };
            header?: never;
            path: {
                /** @description Id or name. */
                service: components["parameters"]["service"];
            };
            cookie?: never;
        };
        requestBody: components["requestBodies"]["Question"];
        responses: {
            200: components["responses"]["Answer"];
            default: components["responses"]["Error"];
        };
    };
    bindSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name. */
                service: components["parameters"]["service"];
                /** @description A secret field of the credential (`token`, `secret_key`), or a secret header or parameter (`headers[X-Api-Key]`). */
                field: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "targets": [
                 *         "gateway.example",
                 *         "*.gateway.example"
                 *       ]
                 *     }
                 */
                "application/json": {
                    targets?: string[];
                    /** @description Send it over TLS only. */
                    tls?: boolean;
                };
            };
        };
        responses: {
            200: components["responses"]["Service"];
            default: components["responses"]["Error"];
        };
    };
    listSavedMessages: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name. */
                service: components["parameters"]["service"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All saved messages, without their bytes. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        messages: components["schemas"]["SavedMessage"][];
                    };
                };
            };
            default: components["responses"]["Error"];
        };
    };
    createSavedMessage: {
        parameters: {
            query: {
                name: components["parameters"]["savedName"];
                /** @description Empty for none. */
                folder?: components["parameters"]["savedFolder"];
                type: components["parameters"]["savedType"];
            };
            header?: never;
            path: {
                /** @description Id or name. */
                service: components["parameters"]["service"];
            };
            cookie?: never;
        };
        requestBody: components["requestBodies"]["SavedMessage"];
        responses: {
            201: components["responses"]["SavedMessage"];
            default: components["responses"]["Error"];
        };
    };
    readSavedMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name. */
                service: components["parameters"]["service"];
                /** @description Id. */
                message: components["parameters"]["message"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["SavedMessage"];
            default: components["responses"]["Error"];
        };
    };
    replaceSavedMessage: {
        parameters: {
            query: {
                name: components["parameters"]["savedName"];
                /** @description Empty for none. */
                folder?: components["parameters"]["savedFolder"];
                type: components["parameters"]["savedType"];
            };
            header?: never;
            path: {
                /** @description Id or name. */
                service: components["parameters"]["service"];
                /** @description Id. */
                message: components["parameters"]["message"];
            };
            cookie?: never;
        };
        requestBody: components["requestBodies"]["SavedMessage"];
        responses: {
            200: components["responses"]["SavedMessage"];
            default: components["responses"]["Error"];
        };
    };
    deleteSavedMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name. */
                service: components["parameters"]["service"];
                /** @description Id. */
                message: components["parameters"]["message"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The saved message is deleted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Error"];
        };
    };
    changeSavedMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name. */
                service: components["parameters"]["service"];
                /** @description Id. */
                message: components["parameters"]["message"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "folder": "examples",
                 *       "position": 0
                 *     }
                 */
                "application/json": {
                    name?: string;
                    /** @description Empty for none. */
                    folder?: string;
                    /** @description In its folder, from 0. A number past the end means last. */
                    position?: number;
                };
            };
        };
        responses: {
            200: components["responses"]["SavedMessage"];
            default: components["responses"]["Error"];
        };
    };
    readSavedBody: {
        parameters: {
            query?: never;
            header?: {
                /** @description Parts to read, for example `bytes=0-1023`. */
                Range?: components["parameters"]["range"];
                /** @description An `ETag` of a previous answer. */
                "If-None-Match"?: components["parameters"]["ifNoneMatch"];
            };
            path: {
                /** @description Id or name. */
                service: components["parameters"]["service"];
                /** @description Id. */
                message: components["parameters"]["message"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Bytes"];
            206: components["responses"]["PartialBytes"];
            304: components["responses"]["NotModified"];
            416: components["responses"]["RangeNotSatisfiable"];
            default: components["responses"]["Error"];
        };
    };
    readDialectSchema: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A JSON Schema. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/schema+json": Record<string, never>;
                };
            };
            default: components["responses"]["Error"];
        };
    };
    listDialects: {
        parameters: {
            query?: {
                /** @description Address of a service; the dialects that recognise it are `suggested`. */
                address?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All dialects. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        dialects: components["schemas"]["DialectSummary"][];
                    };
                };
            };
            default: components["responses"]["Error"];
        };
    };
    createDialect: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: components["requestBodies"]["Dialect"];
        responses: {
            201: components["responses"]["Dialect"];
            default: components["responses"]["Error"];
        };
    };
    readDialect: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Name. */
                dialect: components["parameters"]["dialect"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Dialect"];
            default: components["responses"]["Error"];
        };
    };
    replaceDialect: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Name. */
                dialect: components["parameters"]["dialect"];
            };
            cookie?: never;
        };
        requestBody: components["requestBodies"]["Dialect"];
        responses: {
            200: components["responses"]["Dialect"];
            default: components["responses"]["Error"];
        };
    };
    deleteDialect: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Name. */
                dialect: components["parameters"]["dialect"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The dialect is deleted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Error"];
        };
    };
    countDays: {
        parameters: {
            query?: {
                /** @description IANA name of the time zone, such as Europe/Lisbon. */
                zone?: string;
                /** @description Id of a service, or part of its name or of the address. */
                service?: components["parameters"]["ofService"];
                state?: components["parameters"]["ofState"];
                /** @description Part of the name of the person who opened it. */
                by?: components["parameters"]["openedBy"];
                /** @description Opened at this time or later. */
                from_us?: components["parameters"]["openedFrom"];
                /** @description Opened before this time. */
                to_us?: components["parameters"]["openedTo"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The days. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        days: components["schemas"]["Day"][];
                        /**
                         * Format: int64
                         * @description Of all days.
                         */
                        sessions: number;
                    };
                };
            };
            default: components["responses"]["Error"];
        };
    };
    exportSessions: {
        parameters: {
            query: {
                /** @description Ids of the sessions. */
                session: string[];
                /** @description Any format but `wav`. */
                format?: components["schemas"]["ExportFormat"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file. It breaks off on an error. */
            200: {
                headers: {
                    "Content-Disposition": components["headers"]["ContentDisposition"];
                    [name: string]: unknown;
                };
                content: {
                    "application/zip": string;
                };
            };
            default: components["responses"]["Error"];
        };
    };
    deleteSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    sessions: string[];
                };
            };
        };
        responses: {
            /** @description The deletion is planned. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Deletion"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    undoDeletion: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                deletion: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Nothing is deleted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Error"];
        };
    };
    searchMessages: {
        parameters: {
            query: {
                /** @description Text to find. */
                q: string;
                /** @description Where to look. */
                in?: components["schemas"]["SearchIn"];
                /** @description `q` is a regular expression (RE2). */
                regex?: components["parameters"]["regex"];
                /** @description Ignore case. */
                fold?: components["parameters"]["fold"];
                /** @description Id of a service, or part of its name or of the address. */
                service?: components["parameters"]["ofService"];
                state?: components["parameters"]["ofState"];
                /** @description Part of the name of the person who opened it. */
                by?: components["parameters"]["openedBy"];
                /** @description Opened at this time or later. */
                from_us?: components["parameters"]["openedFrom"];
                /** @description Opened before this time. */
                to_us?: components["parameters"]["openedTo"];
                /** @description `next` of the previous answer. */
                next?: string;
                /** @description Time to search before answering. */
                budget_ms?: components["parameters"]["budget"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The matches so far. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SearchPage"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    listFolders: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All folders that you can see. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        folders: components["schemas"]["Folder"][];
                    };
                };
            };
            default: components["responses"]["Error"];
        };
    };
    createFolder: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: components["requestBodies"]["Folder"];
        responses: {
            201: components["responses"]["Folder"];
            default: components["responses"]["Error"];
        };
    };
    deleteFolder: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Name, ignoring case. */
                folder: components["parameters"]["folder"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is deleted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Error"];
        };
    };
    renameFolder: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Name, ignoring case. */
                folder: components["parameters"]["folder"];
            };
            cookie?: never;
        };
        requestBody: components["requestBodies"]["Folder"];
        responses: {
            200: components["responses"]["Folder"];
            default: components["responses"]["Error"];
        };
    };
    emptyFolder: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Name, ignoring case. */
                folder: components["parameters"]["folder"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is empty. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Error"];
        };
    };
    listEnvironments: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All environments. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        environments: components["schemas"]["Environment"][];
                    };
                };
            };
            default: components["responses"]["Error"];
        };
    };
    createEnvironment: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: components["requestBodies"]["Environment"];
        responses: {
            201: components["responses"]["Environment"];
            default: components["responses"]["Error"];
        };
    };
    readEnvironment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Name, ignoring case. */
                environment: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Environment"];
            default: components["responses"]["Error"];
        };
    };
    replaceEnvironment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Name, ignoring case. */
                environment: string;
            };
            cookie?: never;
        };
        requestBody: components["requestBodies"]["Environment"];
        responses: {
            200: components["responses"]["Environment"];
            default: components["responses"]["Error"];
        };
    };
    deleteEnvironment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Name, ignoring case. */
                environment: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is deleted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Error"];
        };
    };
    resolveHandshake: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "service": "EasyAnimate",
                 *       "environment": "staging"
                 *     }
                 */
                "application/json": components["schemas"]["SessionRequest"];
            };
        };
        responses: {
            /** @description The handshake. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description With all parameters. */
                        address: string;
                        headers: components["schemas"]["Pair"][];
                        subprotocols: string[];
                        /** @description The values of templates and of the variables of the dialect. */
                        values: {
                            [key: string]: string;
                        };
                    };
                };
            };
            default: components["responses"]["Error"];
        };
    };
    testConnection: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "address": "wss://gateway.example/v1/infers/abc",
                 *       "credential": {
                 *         "kind": "bearer",
                 *         "token": "..."
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["SessionRequest"];
            };
        };
        responses: {
            /** @description The handshake succeeded. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TestResult"];
                    "text/event-stream": string;
                };
            };
            default: components["responses"]["Error"];
        };
    };
    listSessions: {
        parameters: {
            query?: {
                limit?: number;
                /** @description Id of a session; only older ones are listed. */
                before?: string;
                /** @description Id of a session; only newer ones are listed, those closest to it. */
                after?: string;
                /** @description Id of a service, or part of its name or of the address. */
                service?: components["parameters"]["ofService"];
                state?: components["parameters"]["ofState"];
                /** @description Part of the name of the person who opened it. */
                by?: components["parameters"]["openedBy"];
                /** @description Opened at this time or later. */
                from_us?: components["parameters"]["openedFrom"];
                /** @description Opened before this time. */
                to_us?: components["parameters"]["openedTo"];
                /** @description Add all sessions that run, at most 50. */
                with_running?: components["schemas"]["Flag"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Sessions without their handshakes. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        sessions: components["schemas"]["Session"][];
                    };
                };
            };
            default: components["responses"]["Error"];
        };
    };
    openSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "address": "wss://gateway.example/v1/infers/abc",
                 *       "credential": {
                 *         "kind": "bearer",
                 *         "token": "..."
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["SessionRequest"];
            };
        };
        responses: {
            /** @description To a client that accepts events: the phases, and the session or the error. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            201: components["responses"]["Session"];
            default: components["responses"]["Error"];
        };
    };
    readSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Session"];
            default: components["responses"]["Error"];
        };
    };
    deleteSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session is deleted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Error"];
        };
    };
    closeSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "code": 1000,
                 *       "reason": "done"
                 *     }
                 */
                "application/json": {
                    /**
                     * @description 1000 to 1014 except those that are never sent, or 3000 to 4999 (RFC 6455, section 7.4).
                     * @default 1000
                     */
                    code?: number;
                    /** @description At most 123 bytes of UTF-8. */
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description The session. Of a relay that is not recorded only `id` and `state` remain. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"] | components["schemas"]["ClosedRelay"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    shareSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "shared": true,
                 *       "rights": "watch"
                 *     }
                 */
                "application/json": {
                    /** @description Everybody who has the link can open the session. It appears in no lists or searches of theirs. Left out it stays. */
                    shared?: boolean;
                    rights?: components["schemas"]["Rights"];
                };
            };
        };
        responses: {
            200: components["responses"]["Session"];
            default: components["responses"]["Error"];
        };
    };
    pinSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    pinned: boolean;
                };
            };
        };
        responses: {
            200: components["responses"]["Session"];
            default: components["responses"]["Error"];
        };
    };
    nameSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Before the update"
                 *     }
                 */
                "application/json": {
                    name: string;
                };
            };
        };
        responses: {
            200: components["responses"]["Session"];
            default: components["responses"]["Error"];
        };
    };
    handOverSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Id of a viewer with `may_own`. */
                    viewer: string;
                };
            };
        };
        responses: {
            200: components["responses"]["Session"];
            default: components["responses"]["Error"];
        };
    };
    attachViewer: {
        parameters: {
            query?: {
                /** @description Newest seq that the viewer has. */
                after?: number;
                /** @description At most so many turns are told at first, the newest of them; 0 for all. `listTurns` has the others. */
                turns?: number;
            };
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The connection speaks `duplex.v1` from here on; see `ServerEvent` and `ViewerEvent`. */
            101: {
                headers: {
                    "Sec-WebSocket-Protocol": "duplex.v1";
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Error"];
        };
    };
    exportSession: {
        parameters: {
            query?: {
                /** @description With `jsonl`, add a line for each turn behind the messages: `{"turn": …}`. Other formats have them always. */
                turns?: components["schemas"]["Flag"];
                format?: components["schemas"]["ExportFormat"];
            };
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The log, as an attachment. */
            200: {
                headers: {
                    "Content-Disposition": components["headers"]["ContentDisposition"];
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "application/json": {
                        [key: string]: unknown;
                    };
                    "text/*": string;
                    "audio/wav": string;
                };
            };
            default: components["responses"]["Error"];
        };
    };
    listMessages: {
        parameters: {
            query?: {
                /** @description Only greater seqs. */
                after?: number;
                /** @description Only smaller seqs; 0 for no bound. */
                before?: number;
                limit?: number;
                /** @description Take the last rows of the range instead of the first. */
                latest?: components["schemas"]["Flag"];
                direction?: components["schemas"]["Direction"];
                opcode?: components["schemas"]["Opcode"];
                /** @description Only events of this name, see `EventName`. */
                event?: string;
                /** @description Only messages with one of these labels, as `countLabels` names them; empty stands for messages without one. */
                label?: string[];
                /** @description The rows around this seq, instead of `after` and `before`. */
                around?: number;
                /** @description The rows around the first one at or after this time, else around the last. `at_seq` names it. */
                at_us?: number;
                /** @description Only messages whose payload contains it. */
                q?: string;
                /** @description `q` is a regular expression (RE2). */
                regex?: components["parameters"]["regex"];
                /** @description Ignore case. */
                fold?: components["parameters"]["fold"];
                /** @description Time to search before answering. */
                budget_ms?: components["parameters"]["budget"];
            };
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Rows without bodies. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RowPage"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    sendMessage: {
        parameters: {
            query: {
                opcode: components["schemas"]["Opcode"];
                /** @description Visible ASCII. Repeating a call with the same id sends the message once. */
                client_id?: string;
                /** @description Fill in templates, as `createEnvironment` describes, by the values of the session. The log then has `{{secret.NAME}}` in place of a secret. */
                resolve?: boolean;
            };
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
            };
            cookie?: never;
        };
        /** @description The payload, of any media type. A text message must be UTF-8. */
        requestBody: {
            content: {
                "*/*": string;
            };
        };
        responses: {
            /** @description The message is stored and was written to the target. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "seq": 12
                     *     }
                     */
                    "application/json": {
                        /** Format: int64 */
                        seq: number;
                    };
                };
            };
            default: components["responses"]["Error"];
        };
    };
    countLabels: {
        parameters: {
            query?: {
                /** @description Only messages with greater seqs. */
                after?: number;
                /** @description Time to search before answering. */
                budget_ms?: components["parameters"]["budget"];
            };
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The counts, the most frequent label first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LabelPage"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    readMessage: {
        parameters: {
            query?: never;
            header?: {
                /** @description Parts to read, for example `bytes=0-1023`. */
                Range?: components["parameters"]["range"];
                /** @description An `ETag` of a previous answer. */
                "If-None-Match"?: components["parameters"]["ifNoneMatch"];
            };
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
                seq: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Bytes"];
            206: components["responses"]["PartialBytes"];
            304: components["responses"]["NotModified"];
            416: components["responses"]["RangeNotSatisfiable"];
            default: components["responses"]["Error"];
        };
    };
    readSeries: {
        parameters: {
            query?: {
                /** @description Messages from this time on; by default the start of the session. */
                from_us?: number;
                /** @description Messages before this time; by default the end of the session, or now. */
                to_us?: number;
                /** @description The largest number of steps. */
                points?: number;
            };
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The series. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Series"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    chooseDialect: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "dialect": "openai-realtime"
                 *     }
                 */
                "application/json": {
                    /** @description Name of the dialect; empty for none. */
                    dialect: string;
                };
            };
        };
        responses: {
            200: components["responses"]["Session"];
            default: components["responses"]["Error"];
        };
    };
    listTurns: {
        parameters: {
            query?: {
                /** @description Name of another dialect to read by; empty for the generic reading. */
                dialect?: components["parameters"]["readBy"];
                /** @description Only turns with a smaller number; 0 for no bound. */
                before?: number;
                /** @description At most so many, the newest of them; 0 for all. */
                limit?: number;
            };
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The turns, in their order. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        turns: components["schemas"]["Turn"][];
                        /** @description Number of the newest turn; 0 when there is none. */
                        last: number;
                    };
                };
            };
            default: components["responses"]["Error"];
        };
    };
    stopAnswer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The message was sent. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: int64 */
                        seq: number;
                    };
                };
            };
            default: components["responses"]["Error"];
        };
    };
    readPieces: {
        parameters: {
            query?: {
                /** @description `answer`: of the service. `user`: what a recogniser heard. */
                stream?: components["schemas"]["Stream"];
                /** @description Name of another dialect to read by; empty for the generic reading. */
                dialect?: components["parameters"]["readBy"];
            };
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
                /** @description Its number from 1. */
                turn: components["parameters"]["turn"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The pieces, in the order of the text. None where the text is not made of parts of messages. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        pieces: components["schemas"]["Piece"][];
                    };
                };
            };
            default: components["responses"]["Error"];
        };
    };
    readTurn: {
        parameters: {
            query?: {
                /** @description Name of another dialect to read by; empty for the generic reading. */
                dialect?: components["parameters"]["readBy"];
            };
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
                /** @description Its number from 1. */
                turn: components["parameters"]["turn"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The turn. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Turn"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    readTurnAudio: {
        parameters: {
            query?: {
                /** @description `answer`: of the service. `user`: that was sent. */
                stream?: components["schemas"]["Stream"];
                /** @description Leaves out the audio of messages before this one. Long audio is found faster with it. Not with `follow`. */
                from_seq?: number;
                /** @description Leaves out what comes before this time, from the beginning of the audio or of `from_seq`. Not with `follow`, nor of Opus. */
                from_ms?: number;
                /** @description Leaves out what comes after this time, counted in the same way; 0 is the end. */
                to_ms?: number;
                /** @description The audio of an open turn as it comes, until the turn ends. The WAV file then has an unknown length. */
                follow?: components["schemas"]["Flag"];
                /** @description Name of another dialect to read by; empty for the generic reading. */
                dialect?: components["parameters"]["readBy"];
            };
            header?: {
                /** @description Parts to read, for example `bytes=0-1023`. */
                Range?: components["parameters"]["range"];
            };
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
                /** @description Its number from 1. */
                turn: components["parameters"]["turn"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Audio"];
            /** @description The range asked for. */
            206: {
                headers: {
                    "Content-Range": components["headers"]["ContentRange"];
                    [name: string]: unknown;
                };
                content: {
                    "audio/wav": string;
                    "audio/ogg": string;
                };
            };
            416: components["responses"]["RangeNotSatisfiable"];
            default: components["responses"]["Error"];
        };
    };
    readTurnLevels: {
        parameters: {
            query?: {
                /** @description `answer`: of the service. `user`: that was sent. */
                stream?: components["schemas"]["Stream"];
                /** @description The `next` of the answer before. */
                after?: number;
                /** @description Name of another dialect to read by; empty for the generic reading. */
                dialect?: components["parameters"]["readBy"];
            };
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
                /** @description Its number from 1. */
                turn: components["parameters"]["turn"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The next frames. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Levels"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    readTurnGrowth: {
        parameters: {
            query?: {
                /** @description The side of the turn. */
                stream?: components["schemas"]["Stream"];
                /** @description The `first_seq` of a segment; 0 is the whole text. */
                first_seq?: number;
                /** @description Name of another dialect to read by; empty for the generic reading. */
                dialect?: components["parameters"]["readBy"];
            };
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
                /** @description Its number from 1. */
                turn: components["parameters"]["turn"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its texts, and the messages around them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Growth"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    askSession: {
        parameters: {
            query?: {
                /** @description Seconds from the end of the question, or a duration such as `90s`; at most an hour. */
                timeout?: components["parameters"]["timeout"];
            };
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
            };
            cookie?: never;
        };
        requestBody: components["requestBodies"]["Question"];
        responses: {
            200: components["responses"]["Answer"];
            default: components["responses"]["Error"];
        };
    };
    playAudio: {
        parameters: {
            query?: {
                /** @description 1 is real time, 0 as fast as the service takes it. Left out, it is that of the dialect. */
                pace?: number;
            };
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
            };
            cookie?: never;
        };
        /** @description A WAV file of at most 64 MiB. */
        requestBody: {
            content: {
                "audio/wav": string;
            };
        };
        responses: {
            /** @description The speech is being sent. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Playing"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    stopAudio: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is ended. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Error"];
        };
    };
    pauseAudio: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id. */
                session: components["parameters"]["session"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    paused: boolean;
                };
            };
        };
        responses: {
            /** @description The progress of the speech. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Playing"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    createRelayTicket: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "service": "EasyAnimate"
                 *     }
                 */
                "application/json": {
                    /** @description Id or name. */
                    service: string;
                };
            };
        };
        responses: {
            /** @description The ticket. It is shown in this answer only. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RelayTicket"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    openRelay: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name. */
                service: components["parameters"]["service"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            101: components["responses"]["Relayed"];
            default: components["responses"]["Error"];
        };
    };
    openRelayPath: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name. */
                service: components["parameters"]["service"];
                /** @description Added to the path of the service's address as it is spelled. It may be empty and may contain slashes. */
                path: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            101: components["responses"]["Relayed"];
            default: components["responses"]["Error"];
        };
    };
    listAuditEntries: {
        parameters: {
            query?: {
                /** @description Only smaller seqs; 0 for no bound. */
                before?: number;
                limit?: number;
                /** @description Part of a person's id or name, in any case. */
                who?: string;
                action?: components["schemas"]["AuditAction"];
                outcome?: components["schemas"]["AuditOutcome"];
                /** @description Not before: microseconds since 1970, or a date and time such as `2026-11-23T12:00`, in UTC. */
                from?: string;
                /** @description Before; as `from`. */
                to?: string;
                /** @description Part of any text of the entry, in any case. */
                q?: string;
                format?: "json" | "jsonl";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Entries. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditPage"];
                    "application/x-ndjson": string;
                };
            };
            default: components["responses"]["Error"];
        };
    };
}
type FlattenedDeepRequired<T> = {
    [K in keyof T]-?: FlattenedDeepRequired<T[K] extends unknown[] | undefined | null ? Extract<T[K], unknown[]>[number] : T[K]>;
};
type ReadonlyArray<T> = [
    Exclude<T, undefined>
] extends [
    unknown[]
] ? Readonly<Exclude<T, undefined>> : Readonly<Exclude<T, undefined>[]>;
export const pathsApiAuditGetParametersQueryFormatValues: ReadonlyArray<FlattenedDeepRequired<paths>["/api/audit"]["get"]["parameters"]["query"]["format"]> = ["json", "jsonl"];
export const roleValues: ReadonlyArray<FlattenedDeepRequired<components>["schemas"]["Role"]> = ["viewer", "member", "admin"];
export const scopeValues: ReadonlyArray<FlattenedDeepRequired<components>["schemas"]["Scope"]> = ["read", "sessions", "services", "relay"];
export const directionValues: ReadonlyArray<FlattenedDeepRequired<components>["schemas"]["Direction"]> = ["sent", "received", "event"];
export const opcodeValues: ReadonlyArray<FlattenedDeepRequired<components>["schemas"]["Opcode"]> = ["text", "binary"];
export const rightsValues: ReadonlyArray<FlattenedDeepRequired<components>["schemas"]["Rights"]> = ["watch", "send"];
export const sessionStateValues: ReadonlyArray<FlattenedDeepRequired<components>["schemas"]["SessionState"]> = ["connecting", "open", "closing", "closed"];
export const storeConditionValues: ReadonlyArray<FlattenedDeepRequired<components>["schemas"]["StoreCondition"]> = ["away", "full", "lost", "damaged"];
export const messageTypeValues: ReadonlyArray<FlattenedDeepRequired<components>["schemas"]["MessageType"]> = ["text", "json", "xml", "html", "hex", "base64", "file"];
export const credentialKindValues: ReadonlyArray<FlattenedDeepRequired<components>["schemas"]["CredentialKind"]> = ["none", "token", "iam_password", "api_key", "aksk", "app_code", "app_key", "app_signature", "bearer", "basic", "header", "query", "subprotocol", "sigv4", "dialect"];
export const eventNameValues: ReadonlyArray<FlattenedDeepRequired<components>["schemas"]["EventName"]> = ["connected", "closed", "ping_lost", "ping_flood", "message_too_large", "invalid_utf8", "send_failed", "sent_late", "step_failed", "replies_dropped", "subprotocol_not_chosen", "drained", "interrupted", "not_sent", "unsure"];
export const viewerCloseCodeValues: ReadonlyArray<FlattenedDeepRequired<components>["schemas"]["ViewerCloseCode"]> = [1008, 1009, 1011, 1012, 1013, 1014, 4400, 4401, 4403, 4404];
export const auditActionValues: ReadonlyArray<FlattenedDeepRequired<components>["schemas"]["AuditAction"]> = ["session.open", "session.refused", "session.close", "session.share", "session.handover", "session.delete", "session.pin", "session.name", "session.dialect", "connection.test", "connection.test.refused", "relay.open", "relay.refused", "relay.close", "secret.use", "secret.set", "secret.bind", "secret.delete", "service.create", "service.update", "service.delete", "environment.create", "environment.update", "environment.delete", "folder.create", "folder.update", "folder.delete", "dialect.create", "dialect.update", "dialect.delete", "share", "transcript.read", "export", "policy.denied", "signin", "signin.refused", "signout", "token.create", "token.revoke", "ticket.create", "ticket.use", "ticket.refused", "admin.start", "admin.stop", "admin.audit.read", "admin.audit.export"];
export const auditOutcomeValues: ReadonlyArray<FlattenedDeepRequired<components>["schemas"]["AuditOutcome"]> = ["ok", "refused", "failed"];
export const auditBreakValues: ReadonlyArray<FlattenedDeepRequired<components>["schemas"]["AuditBreak"]> = ["edited", "removed", "inserted", "reordered", "truncated", "replaced", "head_altered", "key_missing", "empty"];
export const credentialRequestOneOf4AlgorithmValues: ReadonlyArray<Extract<FlattenedDeepRequired<components>["schemas"]["CredentialRequest"], {
    algorithm: unknown;
}>["algorithm"]> = ["SDK-HMAC-SHA256", "V11-HMAC-SHA256"];
export const credentialRequestOneOf7AlgorithmValues: ReadonlyArray<Extract<FlattenedDeepRequired<components>["schemas"]["CredentialRequest"], {
    algorithm: unknown;
}>["algorithm"]> = ["SDK-HMAC-SHA256", "V11-HMAC-SHA256"];
export const credentialRequestOneOf13PlacementValues: ReadonlyArray<Extract<FlattenedDeepRequired<components>["schemas"]["CredentialRequest"], {
    placement: unknown;
}>["placement"]> = ["header", "query"];
export const sessionKindValues: ReadonlyArray<FlattenedDeepRequired<components>["schemas"]["Session"]["kind"]> = ["session", "relay"];
export const searchInValues: ReadonlyArray<FlattenedDeepRequired<components>["schemas"]["SearchIn"]> = ["messages", "answers"];
export const stateFilterValues: ReadonlyArray<FlattenedDeepRequired<components>["schemas"]["StateFilter"]> = ["open", "closed", "broken", "failed"];
export const leftOutValues: ReadonlyArray<FlattenedDeepRequired<components>["schemas"]["LeftOut"]> = ["pinned", "running", "owner", "gone"];
export const dialPhaseNameValues: ReadonlyArray<FlattenedDeepRequired<components>["schemas"]["DialPhaseName"]> = ["address", "credential", "dns", "policy", "tcp", "proxy", "tls", "upgrade", "first_message", "close"];
export const dialPhaseStateValues: ReadonlyArray<FlattenedDeepRequired<components>["schemas"]["DialPhaseState"]> = ["started", "done", "failed", "none"];
export const firstMessageOpcodeValues: ReadonlyArray<FlattenedDeepRequired<components>["schemas"]["FirstMessage"]["opcode"]> = ["text", "binary"];
export const diagnosisSideValues: ReadonlyArray<FlattenedDeepRequired<components>["schemas"]["DiagnosisSide"]> = ["service", "gateway", "container", "proxy", "duplex", "network"];
export const diagnosisActionValues: ReadonlyArray<FlattenedDeepRequired<components>["schemas"]["DiagnosisAction"]> = ["switch_to_ws", "switch_to_wss", "renew_token", "sync_address", "edit_auth", "edit_headers", "edit_settings", "reconnect", "use_v11"];
export const dialectSendWhenValues: ReadonlyArray<FlattenedDeepRequired<components>["schemas"]["DialectSend"]["when"]> = ["open", "text", "audio", "keepalive", "reply", "cancel", "finish"];
export const turnStateValues: ReadonlyArray<FlattenedDeepRequired<components>["schemas"]["TurnState"]> = ["open", "done", "failed", "cut"];
export const rateUnitValues: ReadonlyArray<FlattenedDeepRequired<components>["schemas"]["RateUnit"]> = ["", "tokens", "characters"];
export const encodingValues: ReadonlyArray<FlattenedDeepRequired<components>["schemas"]["Encoding"]> = ["s16le", "f32le", "mulaw", "alaw", "opus"];
export const speaksValues: ReadonlyArray<FlattenedDeepRequired<components>["schemas"]["Speaks"]> = ["transcript", "voice"];
export const streamValues: ReadonlyArray<FlattenedDeepRequired<components>["schemas"]["Stream"]> = ["answer", "user"];
export const playingStateValues: ReadonlyArray<FlattenedDeepRequired<components>["schemas"]["PlayingState"]> = ["playing", "done", "stopped", "failed"];
export const inputRuleValues: ReadonlyArray<FlattenedDeepRequired<components>["schemas"]["InputRule"]> = ["max_bytes", "max_total_bytes", "max_characters", "max_items", "range", "token", "unique", "no_controls", "no_secret", "one_parameter", "template", "variable_name", "of_address", "of_subprotocol"];
export const errorCodeValues: ReadonlyArray<FlattenedDeepRequired<components>["schemas"]["ErrorCode"]> = ["address_refused", "bad_audio", "bad_close_code", "bad_close_reason", "bad_dialect", "bad_event", "bad_json", "bad_name", "bad_origin", "bad_path", "bad_search", "bad_value", "client_cert_refused", "credential_field_unknown", "credential_kind_unknown", "header_bad_name", "header_bad_value", "header_conflict", "header_forbidden", "header_too_long", "header_too_many", "identity_ambiguous", "invalid_utf8", "missing_field", "missing_secret", "missing_variable", "over_limit", "path_ambiguous", "query_ambiguous", "query_conflict", "search_too_long", "secret_too_short", "sign_in_stale", "subprotocol_required", "undefined_variable", "unknown_variable", "lease_ended", "sign_in_required", "signed_out", "token_refused", "access_ended", "cross_origin_refused", "forwarded_refused", "no_role", "not_secret_owner", "origin_refused", "owner_required", "peer_refused", "proxy_refused", "role_required", "scope_required", "secret_needs_saved_ca", "secret_needs_verified_tls", "secret_not_for_target", "sign_in_refused", "skip_verify_refused", "target_blocked", "ticket_refused", "ticket_required", "viewer_cannot_own", "watch_only", "audio_not_found", "dialect_not_found", "environment_not_found", "folder_not_found", "message_not_found", "not_found", "saved_not_found", "secret_not_found", "service_not_found", "session_not_found", "token_not_found", "turn_not_found", "method_not_allowed", "upload_too_slow", "audio_busy", "dialect_builtin", "dialect_failed", "dialect_taken", "name_taken", "no_dialect", "no_tokens", "saved_full", "saved_too_many_bytes", "services_too_large", "session_closed", "session_running", "too_many_dialects", "too_many_environments", "too_many_services", "too_many_tokens", "viewer_gone", "message_too_large", "request_too_large", "saved_too_large", "unsupported_media_type", "host_refused", "upgrade_required", "too_many_bytes", "too_many_dials", "too_many_dials_to_target", "too_many_open", "too_many_tickets", "too_many_viewers", "internal", "key_missing", "credential_refused", "handshake_refused", "not_ready", "send_failed", "target_unreachable", "assets_not_built", "audit_unavailable", "draining", "provider_unreachable", "store_damaged", "store_lost", "store_unavailable", "storage_full"];
export const personScalars = {"id":"","name":"","email":"","role":"","seen_at_us":0,"sign_ins":0};
export const tokenScalars = {"id":"","name":"","made_at_us":0,"until_us":0,"used_at_us":0,"token":""};
export const relayTicketScalars = {"ticket":"","expires_at_us":0,"url":"","subprotocol":""};
export const auditEntryScalars = {"seq":0,"at_us":0,"at":"","person_id":"","person_name":"","peer":"","action":"","session":"","service":"","service_name":"","target":"","outcome":"","detail":"","request":"","key":"","prev":"","hash":"","mac":""};
export const auditPageScalars = {"next_before":0};
export const pairScalars = {"name":"","value":""};
export const headerScalars = {"name":"","value":"","enabled":false,"secret":false,"field":""};
export const headerRequestScalars = {"name":"","value":"","enabled":true,"secret":false,"field":""};
export const queryParameterScalars = {"name":"","value":"","enabled":false,"secret":false,"field":"","raw":""};
export const queryParameterRequestScalars = {"name":"","value":"","enabled":true,"secret":false,"field":"","raw":""};
export const tlsRequestScalars = {"ca_pem":"","skip_verify":false,"client_cert_pem":"","client_key_pem":""};
export const connectionScalars = {"address":"","environment":"","compression":false,"send_traceparent":false};
export const credentialScalars = {"kind":""};
export const environmentRequestScalars = {"name":""};
export const environmentScalars = {"name":"","owner":"","updated_at_us":0};
export const secretInfoScalars = {"set":false,"fingerprint":"","updated_at_us":0,"last_used_at_us":0,"owner":"","owner_name":"","may_bind":false,"tls":false,"endpoint":"","usable":false};
export const clientCertificateScalars = {"subject":"","issuer":"","fingerprint":"","not_before_us":0,"not_after_us":0};
export const serviceScalars = {"id":"","name":"","address":"","compression":false,"ping_interval":0,"pong_timeout":0,"send_traceparent":false,"record_relay":false,"shared":false,"dialect":"","environment":"","folder":"","demo":"","owner":"","mine":false,"may_change":false};
export const folderScalars = {"name":"","services":0,"may_change":false};
export const savedMessageScalars = {"id":"","name":"","folder":"","position":0,"type":"","opcode":"","size":0,"updated_at_us":0};
export const sessionScalars = {"id":"","state":"","kind":"","service":"","service_name":"","name":"","address":"","subprotocol":"","opened_at_us":0,"ended_at_us":0,"last_seq":0,"sent":0,"received":0,"bytes_sent":0,"bytes_received":0,"close_code":0,"close_reason":"","clean":false,"keep_until_us":0,"store":"","opened_by":"","pinned":false,"turns":0,"sentences":0,"outcome":"","failed":false,"dialect":"","dialect_title":"","environment":"","ready":false,"asked_us":0,"takes_text":false,"stops_by":"","speaks":""};
export const dayScalars = {"day":"","from_us":0,"to_us":0,"sessions":0};
export const deletionScalars = {"id":"","at_us":0};
export const closedRelayScalars = {"id":"","state":""};
export const accessScalars = {"owner":"","shared":false,"rights":"","mine":false,"may_send":false,"may_manage":false};
export const viewerScalars = {"id":"","name":"","you":false,"same":false,"may_own":false};
export const handshakeScalars = {"status":0,"remote":"","proxy":""};
export const dialPhaseScalars = {"phase":"","state":"","at_us":0,"took_us":0,"remote":"","proxy":"","status":0,"subprotocol":"","expects":false,"expected":""};
export const firstMessageScalars = {"opcode":"","size":0,"label":"","after_us":0};
export const testCloseScalars = {"code":0,"reason":"","clean":false,"by_us":false};
export const phasesScalars = {"dns":0,"tcp":0,"proxy":0,"tls":0,"upgrade":0,"total":0};
export const tlsScalars = {"version":"","server_name":"","subject":"","issuer":"","not_before_us":0,"not_after_us":0,"unverified":false};
export const diagnosisScalars = {"rule":"","said":"","cause":"","fix":"","action":"","action_value":"","words":"","code":"","by":"","message_seq":0};
export const diagnosisFactScalars = {"key":"","name":"","value":""};
export const rowScalars = {"seq":0,"at_us":0,"direction":"","opcode":"","size":0,"preview":"","as_text":false,"truncated":false,"invalid_utf8":false,"sender":"","client_id":"","event":"","label":"","gist":"","joins":"","path":"","error":false};
export const soundScalars = {"encoding":"","rate":0,"channels":0,"us":0,"level_db":0,"path":""};
export const labelCountScalars = {"label":"","count":0};
export const labelPageScalars = {"next_after":0,"more":false};
export const snippetScalars = {"offset":0,"before":"","match":"","after":""};
export const rowPageScalars = {"next_after":0,"next_before":0,"at_seq":0,"slow_seq":0,"skipped_seq":0};
export const amountScalars = {"sessions":0,"messages":0};
export const foundSessionScalars = {"found":0,"texts":0,"more":false};
export const foundTurnScalars = {"n":0,"first_seq":0,"last_seq":0,"stream":"","sentence":0,"at_us":0,"error":false,"error_seq":0};
export const searchPageScalars = {"next":"","slow":false,"skipped":0};
export const dialectSummaryScalars = {"name":"","title":"","builtin":false,"suggested":false};
export const dialectScalars = {"name":"","title":"","builtin":false,"yaml":"","source":"","checked":"","until":"","owner":"","updated_at_us":0,"takes_text":false,"speaks":""};
export const dialectVarScalars = {"name":"","title":"","default":"","required":false};
export const dialectSecretScalars = {"name":"","optional":false};
export const dialectSendScalars = {"when":"","opcode":"","text":"","label":""};
export const dialectProblemScalars = {"line":0,"column":0,"path":"","detail":"","nearest":""};
export const audioFormatScalars = {"rate":0,"encoding":"","channels":0,"frame_ms":0};
export const limitsScalars = {"message_bytes":0,"frame_min_bytes":0,"frame_max_bytes":0,"rate":0,"idle_ms":0,"idle_audio":false,"gap_ms":0,"audio_ms":0,"session_ms":0,"request_ms":0,"chars":0};
export const turnScalars = {"n":0,"state":"","first_seq":0,"last_seq":0,"mark_seq":0,"mark_us":0,"audio_start_us":0,"audio_end_us":0,"first_message_us":0,"first_text_us":0,"first_audio_us":0,"done_us":0,"done_why":"","text_cut":false,"guessed":false,"messages":0,"bytes":0,"sent_messages":0,"sent_bytes":0,"unread":0,"request":""};
export const toolCallScalars = {"id":"","name":"","arguments":"","seq":0,"at_us":0,"result":"","done_seq":0,"done_us":0};
export const interruptionScalars = {"at_us":0,"seq":0,"played_ms":0};
export const answerScalars = {"session":""};
export const seriesScalars = {"from_us":0,"to_us":0,"step_us":0,"rate_unit":""};
export const turnFiguresScalars = {"n":0,"state":"","first_seq":0,"last_seq":0,"from_us":0,"to_us":0,"mark_us":0,"audio_end_us":0,"first_text_us":0,"first_audio_us":0,"done_us":0,"done_why":"","asked":"","spoken_ms":0,"characters":0,"tokens":0,"messages":0,"gap_p95_us":0,"error":""};
export const turnTextScalars = {"answer":"","user":""};
export const turnErrorScalars = {"code":"","message":"","seq":0};
export const turnAudioScalars = {"answer_ms":0,"user_ms":0};
export const turnStreamScalars = {"encoding":"","rate":0,"channels":0,"format_seq":0,"chunks":0,"bytes":0,"last_us":0};
export const gapsScalars = {"p50_us":0,"p95_us":0,"max_us":0,"max_seq":0};
export const levelsScalars = {"peaks":"","powers":"","bytes":0,"clipped":0,"next":0,"ended":false};
export const growthScalars = {"messages":0,"frames":0,"frame_bytes":0,"sent_ms":0,"late":0,"frame_gap_p95_us":0,"largest_gap_us":0,"largest_gap_seq":0};
export const growthTextScalars = {"seq":0,"at_us":0,"text":""};
export const segmentScalars = {"stream":"","text":"","final":false,"seq":0,"at_us":0,"first_seq":0,"first_us":0,"texts":0,"first_sent_ms":0,"sent_ms":0};
export const pieceScalars = {"from":0,"seq":0};
export const turnUpdateScalars = {"keep_segments":0};
export const textUpdateScalars = {"stream":"","keep":0,"text":""};
export const playingScalars = {"id":"","sent_ms":0,"total_ms":0,"state":"","paused":false,"live":false};
export const stateEventScalars = {"type":""};
export const rowsEventScalars = {"type":"","last_seq":0};
export const turnsEventScalars = {"type":""};
export const playingEventScalars = {"type":""};
export const sentEventScalars = {"type":"","client_id":"","seq":0};
export const refusedEventScalars = {"type":"","client_id":""};
export const byeEventScalars = {"type":""};
export const sendEventScalars = {"type":"","client_id":"","opcode":"","text":"","base64":"","resolve":false};
export const promptEventScalars = {"type":"","client_id":"","text":""};
export const microphoneEventScalars = {"type":"","rate":0,"on":false};
export const closeEventScalars = {"type":"","code":1000,"reason":""};
export const errorBodyScalars = {"code":"","message":"","field":"","rule":"","least":0,"limit":0,"column":0,"status":0,"body":"","request_id":""};
export const searchMessagesBudgetMsMaximum = 10000;
export const listSessionsLimitMaximum = 200;
export const listMessagesLimitMaximum = 1000;
export const listMessagesBudgetMsMaximum = 10000;
export const countLabelsBudgetMsMaximum = 10000;
export const readSeriesPointsMaximum = 2000;
export const listTurnsLimitMaximum = 1000;
export const playAudioPaceMaximum = 1000;
export const listAuditEntriesLimitMaximum = 1000;
