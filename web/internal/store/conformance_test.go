package store_test

import (
	"database/sql"
	"testing"

	"duplex/web/internal/store"
)

// conformance lists the tests that every engine passes. Each has a database of its own.
var conformance = [...]struct {
	name string
	run  func(t *testing.T, o store.Options)
}{
	{"payloads come back byte for byte", payloadsComeBack},
	{"message fields come back", messageFieldsComeBack},
	{"packed messages come back", packedMessagesComeBack},
	{"joined messages come back", joinedMessagesComeBack},
	{"rows are selected", rowsAreSelected},
	{"rows of an opcode and an event are selected", kindsAreSelected},
	{"the message at a time is found", timesAreFound},
	{"the course of a session is read without payloads", coursesAreRead},
	{"bodies are read in ranges", bodiesAreReadInRanges},
	{"messages that are not the next are refused", gapsAreRefused},
	{"a client id is used once in a session", clientIDIsUsedOnce},
	{"text that cannot be kept is refused", badTextIsRefused},
	{"an ended context loses nothing silently", endedContextLosesNothing},
	{"a failing batch takes no other with it", failingBatchIsAlone},
	{"readers follow writers without gap", readersFollowWriters},
	{"closing stores what was taken", closingStoresWhatWasTaken},
	{"search finds text, folded text and expressions", searchFinds},
	{"search crosses the parts of large bodies", searchCrossesParts},
	{"search keeps to range, direction and limit", searchKeepsToRange},
	{"a search stops when its time is over", searchStopsInTime},
	{"a bad expression is a query error", badExpression},
	{"sessions come back whole", sessionsComeBack},
	{"sessions are listed newest first", sessionsNewestFirst},
	{"sessions are filtered and counted", sessionsAreFiltered},
	{"sessions are deleted with their logs", sessionsAreDeleted},
	{"sessions are seen by whom they may", sessionsAreSeenByWhomTheyMay},
	{"sessions of a dead process are ended", deadSessionsAreEnded},
	{"sessions that had ended keep their end", sessionsThatHadEndedKeepTheirEnd},
	{"services come back whole", servicesComeBack},
	{"folders change whole", foldersChangeWhole},
	{"names are unique in any case", namesAreUnique},
	{"names are unique where they are seen", namesAreUniqueWhereTheyAreSeen},
	{"quotas hold", quotasHold},
	{"secrets are kept, replaced and deleted", secretsAreKept},
	{"a credential is opened and stamped", credentialIsOpened},
	{"a sealed secret does not open in another row", sealedSecretStaysInItsRow},
	{"saved messages come back whole", savedMessagesComeBack},
	{"saved messages keep their order", savedMessagesKeepOrder},
	{"a replaced body is never read in half", replacedBodyIsNotMixed},
	{"saved messages go with their service", savedMessagesGoWithService},
	{"saved messages are bounded", savedMessagesAreBounded},
	{"saved messages are changed by many at once", savedMessagesAreChangedByMany},
	{"access tokens are kept until they are revoked", tokensAreKeptUntilRevoked},
	{"no edit of a row moves or widens a secret", noEditMovesASecret},
	{"a secret is kept only with where it may go", unboundIsRefused},
	{"a secret is bound anew by whom it lets", secretIsBoundAnew},
	{"secrets of before are bound once", secretsOfBeforeAreBound},
	{"secrets are checked", secretsAreChecked},
	{"secrets are rewrapped row by row", secretsAreRewrapped},
	{"sign-ins outlive a rotation", signInsOutliveARotation},
	{"a sign-in without its key is not renewed", signInWithoutItsKeyIsNotRenewed},
	{"a rotation that fails loses nothing", failedRotationLosesNothing},
	{"a wrong key file is told", wrongKeyFileIsTold},
	{"settings are replaced", settingsAreReplaced},
	{"sign-ins come back, their tokens sealed", signInsComeBack},
	{"sign-ins are found by person", signInsAreFoundByPerson},
	{"a sign-in that has ended stays so", endedSignInStaysSo},
	{"one process at a time renews a sign-in", oneRenewsASignIn},
	{"people come back, and are signed out everywhere", peopleAreSignedOut},
	{"audit entries of many calls share transactions", auditGathersCalls},
	{"audit entries come back", auditComesBack},
	{"audit entries are filtered", auditIsFiltered},
	{"audit entries are kept all or none", auditIsAllOrNothing},
	{"tampering with the audit log is found", auditTampering},
	{"two processes add to one audit log", auditOfTwoProcesses},
	{"a newer database is refused", newerDatabaseIsRefused},
	{"a store has one holder", storeHasOneHolder},
	{"an empty store goes to one of many", emptyStoreGoesToOne},
	{"the schema is left to the holder", schemaIsLeftToTheHolder},
	{"turns are summed up in lists", turnsAreSummedUp},
	{"sessions are kept by age", retentionByAge},
	{"sessions are kept by size", retentionByBytes},
	{"a sweep is bounded", sweepIsBounded},
	{"a deletion that was broken off goes on", brokenOffDeletionGoesOn},
	{"large logs are deleted", largeLogsAreDeleted},
	{"dialects of the team come back", dialectsComeBack},
	{"dialects that came with requests are kept once, and forgotten", unlistedDialectsAreForgotten},
	{"turns come back while they are of the reading asked for", turnsComeBack},
	{"turns go with their session", turnsGoWithTheirSession},
	{"rows have heads where asked", rowsHaveHeads},
	{"environments come back", environmentsComeBack},
	{"secrets of an environment are kept, replaced and deleted", environmentSecretsAreKept},
	{"secrets of an environment are rewrapped", environmentSecretsAreRewrapped},
	{"services follow their environment", servicesFollowTheirEnvironment},
	{"environments are bounded", environmentsAreBounded},
}

func TestConformanceSQLite(t *testing.T) {
	t.Parallel()
	conform(t, func(t *testing.T) store.Options {
		t.Helper()
		return store.Options{DataDir: t.TempDir()}
	})
}

func TestConformancePostgreSQL(t *testing.T) {
	t.Parallel()
	server := sharedPostgres(t)
	conform(t, func(t *testing.T) store.Options {
		t.Helper()
		return server.options(t)
	})
}

func conform(t *testing.T, options func(*testing.T) store.Options) {
	t.Helper()
	for _, c := range conformance {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := options(t)
			o.Keyring = keyring(t)
			c.run(t, o)
		})
	}
}

// beside runs one statement on the store's database, past the store.
func beside(t *testing.T, o store.Options, statement string) {
	t.Helper()
	if o.DatabaseURL != "" {
		execute(t, "pgx", o.DatabaseURL, statement)
		return
	}
	execute(t, "sqlite", "file:"+o.DataDir+"/duplex.db", statement)
}

// scalar reads one number from the store's database, past the store.
func scalar(t *testing.T, o store.Options, query string) (n int64) {
	t.Helper()
	driver, name := "sqlite", "file:"+o.DataDir+"/duplex.db"
	if o.DatabaseURL != "" {
		driver, name = "pgx", o.DatabaseURL
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
