package secrets

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/redact"
)

func TestParse_fills_in_defaults(t *testing.T) {
	t.Parallel()
	text := `SET=value
EMPTY=
A=${SET:-default}
B=${NONE:-default}
C=${EMPTY:-default}
D=${EMPTY-default}.
E=${NONE-default}
F=${NONE:-}
G="a ${NONE:-b c} d"
H=${NONE:-"b # c"} # comment
I=${NONE:-'$SET ${SET} \$ }'}
J=${NONE:-${EMPTY:-$SET}}/x
K=${NONE:-$(get d)}
L=${SET:-$(get d)}
M=${SET:?is needed}
N='${NONE:?literal}'
O=\${NONE%x}
P=${EMPTY?may be empty}
Q=$(echo ${NONE:-x} ${#SET})
R=${NONE:-a "b" c}
`
	want := map[string]string{
		"SET": "value", "EMPTY": "", "A": "value", "B": "default", "C": "default", "D": ".", "E": "default", "F": "", "G": "a b c d",
		"H": "b # c", "I": `$SET ${SET} \$ }`, "J": "value/x", "K": "<get d>", "L": "value", "M": "value", "N": "${NONE:?literal}", "O": "${NONE%x}",
		"P": "", "Q": "<echo ${NONE:-x} ${#SET}>", "R": `a "b" c`,
	}
	if diff := cmp.Diff(want, parsed(t, text, world)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestParse_tells_what_no_value_can_be_made_of(t *testing.T) {
	t.Parallel()
	const form = `a "${" begins none of ${NAME}, ${NAME:-default} and ${NAME:?message}: write \${ for the characters themselves, or put the value in single quotes`
	for text, want := range map[string]string{
		"A=1\nB=${NONE:?run bin/login first}\n": "secrets:2: NONE: run bin/login first",
		"E=\nB=${E:?}\n":                        "secrets:2: $E is empty",
		"B=${NONE?}\n":                          "secrets:1: $NONE is not set",
		"B=${env:sesame:-x}\n":                  "secrets:1: " + form,
		"B=\"x\ny ${HOME%/sesame}\"\n":          "secrets:1: " + form,
		"B=${#HOME}\nC=${HOME:=x}\nD=${HOME\n":  "secrets:1: " + form + "\nsecrets:2: " + form + "\nsecrets:3: " + form,
		"A=$(get)\nB=${A:?no value}\nC=${}\n":   "secrets:3: " + form,
	} {
		idle := world
		idle.run = func(string, []Secret) (string, error) { t.Errorf("%q: a command was run", text); return "", nil }
		_, err := parse("secrets", text, idle)
		if err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

// A command that prints nothing leaves what needs its output without a value.
func TestParse_asks_for_a_value_once_commands_have_run(t *testing.T) {
	t.Parallel()
	w := world
	w.run = func(string, []Secret) (string, error) { return "", nil }
	_, err := parse("secrets", "A=$(get)\nB=${A:?log in first}\n", w)
	if err == nil || err.Error() != "secrets:2: A: log in first" {
		t.Errorf("got %v", err)
	}
}

func TestGet_says_why_a_secret_is_empty(t *testing.T) {
	t.Parallel()
	dir := project(t, map[string]string{".mrsk/secrets": "A=\nB=$UNSET\nC=\"$B$(true a)\"\nD=${UNSET:-}\nE=x${UNSET:-}\n"})
	s := Open(t.Context(), Options{Dir: dir, Run: func(context.Context, string, []string) (string, error) { return "", nil }})
	for key, want := range map[string]string{
		"A": ".mrsk/secrets:1: the secret A is empty", "B": ".mrsk/secrets:2: the secret B is empty: $UNSET is not set",
		"C": `.mrsk/secrets:3: the secret C is empty: $B is empty, the command "true …" prints nothing`, "D": ".mrsk/secrets:4: the secret D is empty",
	} {
		value, err := s.Get(key)
		var empty *EmptyError
		if !errors.As(err, &empty) || err.Error() != want || empty.EmptySecret() != key || !value.Empty() {
			t.Errorf("%s: got %v, want %s", key, err, want)
		}
	}
	if _, err := s.Get("E"); err != nil {
		t.Error(err)
	}
}

// A password that is missing within an address makes no empty secret, and does not log in either.
func TestGet_says_what_is_missing_within_a_secret(t *testing.T) {
	t.Parallel()
	dir := project(t, map[string]string{".mrsk/secrets": "PW=\nURL=\"postgres://u:$UNSET@h\"\nB=x$PW\nC=$(true a)y\nD=x${UNSET-}${PW:-}\nE='x$UNSET'\n"})
	s := Open(t.Context(), Options{Dir: dir, Run: func(context.Context, string, []string) (string, error) { return "", nil }})
	for key, want := range map[string]string{
		"URL": ".mrsk/secrets:2: a part of the secret URL is empty: $UNSET is not set",
		"B":   ".mrsk/secrets:3: a part of the secret B is empty: $PW is empty",
		"C":   `.mrsk/secrets:4: a part of the secret C is empty: the command "true …" prints nothing`,
	} {
		value, err := s.Get(key)
		var part *PartError
		if !errors.As(err, &part) || err.Error() != want || value.Empty() {
			t.Errorf("%s: got %v, want %s", key, err, want)
		}
	}
	for _, key := range []string{"D", "E"} {
		if _, err := s.Get(key); err != nil {
			t.Errorf("%s: %v", key, err)
		}
	}
}

// What jq makes of a document with @json is a JSON string. The reference pastes it into the command,
// where the shell takes the quotes and backslashes off.
func TestParse_extracts_from_a_document_in_a_JSON_string(t *testing.T) {
	t.Parallel()
	const document = `"{\"A\":\"it's \\\"x\\\"\"}"`
	w := owning()
	w.run = func(command string, set []Secret) (string, error) {
		if strings.Contains(command, "@json") {
			return document, nil
		}
		cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", command)
		cmd.Env = withSecrets([]string{"PATH=/usr/bin:/bin"}, set)
		out, err := cmd.Output()
		return chomp(string(out)), err
	}
	var words []string
	w.own = func(given []string, _ []Secret) (string, error) { words = given; return "own", nil }
	text := "S=\"$(cmd | jq '.[] | @json')\"\nA=$(kamal secrets extract A $S)\nB=$(printf %s $S)\n"
	got := parsed(t, text, w)
	if diff := cmp.Diff([]string{"secrets", "extract", "A", document}, words); diff != "" || got["B"] != document {
		t.Errorf("%s\n%v", diff, got)
	}
	if shown := hide(`why: it's "x"`, []Secret{{Key: "S", Value: redact.New(document)}}); shown != "why: [REDACTED]" {
		t.Error(shown)
	}
}
