package main

import (
	"context"
	"regexp"
	"strconv"

	"duplex/bridge/testkit"
)

// figure is one of those that the README lists.
type figure struct {
	number int
	key    string // of -only, and of the values that tests report
	name   string
	bound  string // in words
	steps  []step
}

// step runs tests of a package, or fuzz targets, or do.
type step struct {
	pkg  string
	run  []string // patterns of whole names of tests; one that matches none is a failure
	all  bool     // with -full, all tests of the package
	tags string
	race bool
	fuzz []fuzzTarget
	do   func(ctx context.Context, r *runner, res *result)
	line func(line string) []testkit.Figure // reads values from other output; nil for none
}

var figures = []figure{
	{
		1, "crowd", "Many sessions at once", "100 sessions with 2 viewers each, 2 minutes: 0 messages lost, doubled or out of order at target, log and viewers (500, 30 minutes with -full)",
		[]step{{pkg: "web", run: []string{"TestFaultCrowd"}}},
	},
	{
		2, "kill", "kill -9 while recording, and a full disk", "10 kills on SQLite and 10 on PostgreSQL (100 with -full): nothing shown or confirmed is missing; integrity_check ok",
		[]step{
			{pkg: "web", run: []string{"TestKilledProcessKeepsItsWord", "TestFullDisk.*"}},
			{pkg: "web/internal/store", run: []string{"TestKilled.*"}},
		},
	},
	{
		3, "takeover", "The next process takes over", "live again within 4 s of a kill, nothing missing or doubled for 12 watchers, a paused process that lost its store writes 0",
		[]step{{pkg: "web", run: []string{"TestFaultTakeover", "TestFaultPausedOwnerWritesNothing"}}},
	},
	{
		4, "sigterm", "SIGTERM under load", "50 sessions: /readyz fails at once, nothing new, every viewer gets 1012 within 5 s, exit 0 within 10 s, 0 lost; a second SIGTERM ends at once",
		[]step{{pkg: "web", run: []string{"TestFaultSIGTERM", "TestFaultSecondSIGTERM"}}},
	},
	{
		5, "stuck-viewer", "A viewer that never reads", "60 s beside 9 others: their p99 rises by less than 20 % or 20 ms; cut off within 5 s of full buffers; at most 1 MiB is held for it",
		[]step{{pkg: "web", run: []string{"TestFaultStuckViewer"}}},
	},
	{
		6, "flood", "Ten targets that flood", "60 s: 0 lost, at most 8 MiB for each session, below 512 MiB with GOMEMLIMIT=400MiB",
		[]step{{pkg: "web", run: []string{"TestFaultFlood"}}},
	},
	{
		7, "hostile-peers", "Hostile peers", "12 behaviours or more: each ends its session with the right code within 2 s and 8 MiB",
		[]step{{pkg: "bridge", run: []string{"TestHostilePeerEndsTheSession"}}},
	},
	{
		8, "fuzz", "Fuzzing", "8 targets, 60 s each (10 minutes with -full): no finding",
		[]step{{fuzz: []fuzzTarget{
			{"bridge/dial", "FuzzParseAddress"},
			{"handlers/identity", "FuzzHeadersGiveNobodyTwoNames"},
			{"bridge/dialect", "FuzzTemplate"},
			{"bridge/frames", "FuzzReading"},
			{"handlers/reply", "FuzzQuery"},
			{"web/internal/config", "FuzzParse"},
			{"web/internal/provision", "FuzzReadSource"},
			{"web/internal/store", "FuzzRestore"},
		}}},
	},
	{
		9, "guard", "Forbidden addresses", "114 verdicts under five policies, both resolvers, redirects, rebinding, an egress proxy: every verdict right",
		[]step{{pkg: "bridge/dial", run: []string{"TestVerdicts.*", "TestMoreVerdicts", "TestRebinding.*", "TestRedirectIsShownAndNotFollowed", "TestSystemResolver"}}},
	},
	{
		10, "secrets", "Secrets stay in the vault", "12 secrets in 7 encodings, looked for in pages, API, logs, database, exports and browser storage: 0 hits (after the whole browser suite with -full)",
		[]step{{
			pkg: "web/e2e", tags: "e2e", all: true, line: canaries,
			run: []string{".*Secret.*", "TestNetCatches.*", "TestEveryKindOfCredential.*", ".*AccessToken.*"},
		}},
	},
	{
		11, "identity", "Identity", "40 spoofed requests refused; sockets end within the lease and 2 s, and within 2 s of a revocation; 200 forged tokens: at most 1 request for keys",
		[]step{
			{pkg: "handlers/identity", run: []string{"TestSpoofedHeadersAreRefused", "TestForgedTokensDoNotMakeRequests"}},
			{pkg: "web", run: []string{"TestSocketLivesAsLongAsTheProviderVouches", "TestSigningOutEndsSocketsInTwoSeconds"}},
		},
	},
	{
		12, "browser", "The browser", "20 hostile documents: 0 scripts, 0 requests; 0 violations of the page's policy in all its states; 8 origins with a socket and a post",
		[]step{
			{pkg: "web/e2e", tags: "e2e", run: []string{"TestHostilePayloadsRunNothingAndReachNobody", "TestEveryStateIs.*"}},
			{pkg: "web", run: []string{"TestOriginAndHostHaveToBeExactlyOurs"}},
		},
	},
	{
		13, "network", "Bad networks", "7 faults on each of the links to browser, target and database: 0 lost, the right state within 5 s; the page tells the truth",
		[]step{
			{pkg: "web", run: []string{"TestFaultNetwork", "TestFaultSlowViewer"}},
			{pkg: "web", run: []string{"TestPostgreSQLAwayCostsNothing", "TestSQLiteLockedCostsNothing"}},
		},
	},
	{
		14, "leaks", "Races and leaks", "0 races in the fault tests (in all with -full); goroutines and descriptors back to ±2 after 1,000 sessions; 24 h: memory grows by less than 1 MiB an hour (-full)",
		[]step{
			{pkg: "web", run: []string{"TestAPISessionsLeaveNothingBehind", "TestFaultSlope"}},
			{pkg: "bridge", race: true, run: []string{"TestHostile.*", "TestDrain.*", "TestBadNetwork.*", "TestSession.*", "TestRelay.*"}},
			{do: wholeTreeUnderRace},
		},
	},
	{
		15, "supply", "Build and audit log", "two builds are equal byte for byte; 20 kinds of tampering with the audit log are all found; no known vulnerability is reachable",
		[]step{
			{pkg: "bridge/audit", run: []string{"TestWhatWasDoneToAChainIsFound"}},
			{do: buildTwice},
			{do: knownVulnerabilities},
		},
	},
	{
		16, "relay", "The relay beside nginx", "818 cases of the protocol in 8 groups, from client and target: each as through nginx, or better",
		[]step{{pkg: "web", run: []string{"TestRelayIsAsGoodAsNginx"}}},
	},
	{
		17, "clock", "The clock is set", "an hour forward and two back, while sessions record and people watch: 0 lost, 0 ended, 0 times that run back; leases neither end nor grow",
		[]step{{pkg: "web", run: []string{"TestFaultClock", "TestFaultClockOfLeases"}}},
	},
}

var canaryLine = regexp.MustCompile(`^canaries: (\d+) secrets in (\d+) encodings, (\d+) of them seen in use at peers, looked for in (\d+) places and .*: (\d+) hits`)

// canaries reads the last line of the browser tests.
func canaries(line string) []testkit.Figure {
	found := canaryLine.FindStringSubmatch(line)
	if found == nil {
		return nil
	}
	number := func(i int) float64 {
		n, _ := strconv.ParseFloat(found[i], 64)
		return n
	}
	return []testkit.Figure{
		{Name: "secrets seen in use at peers", Value: number(3), Sign: ">=", Bound: 12},
		{Name: "encodings", Value: number(2), Sign: ">=", Bound: 7},
		{Name: "places that were searched", Value: number(4), Sign: ">=", Bound: 1},
		{Name: "hits", Value: number(5), Sign: "<=", Bound: 0},
	}
}
