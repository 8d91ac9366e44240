package eventjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"mrsk/internal/event"
	"mrsk/internal/golden"
)

var at = time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.FixedZone("", 3600))

func same(text string) string { return text }

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("events", document); err != nil {
		t.Fatal(err)
	}
	return c.MustCompile("events")
}

// all are events of every type, with all their fields, and as they are without a value.
var all = []event.Event{
	event.Work{Doing: "Deploying shop", Version: "v2", Subject: "Second", Was: []string{"v1"}, Hosts: []string{"vm1"}},
	event.Work{},
	event.Build{State: event.Done, Took: time.Second, Size: 2, Added: 1},
	event.Build{},
	event.Stage{Name: "start", Hosts: []string{"vm1"}, Together: true, Undo: true},
	event.Stage{},
	event.Reached{Host: "vm1", Stage: "start", Done: "healthy", Took: 1234567 * time.Microsecond, Sent: 3},
	event.Reached{},
	event.HostFailed{Host: "vm1", Err: errors.New("lost")},
	event.HostFailed{},
	event.Step{Host: "vm1", Name: "wait", State: event.Failed, Shown: "curl", Took: time.Second, Err: errors.New("no"), VerboseOnly: true},
	event.Step{},
	event.Probe{Host: "vm1", Step: "wait", Answer: "503", Limit: 30 * time.Second},
	event.Probe{},
	event.Waiting{Host: "vm1", For: event.Queued},
	event.Waiting{},
	event.Waited{Host: "vm1", For: event.AtGate, Gate: "gate: x", Took: time.Second},
	event.Waited{},
	event.Progress{Host: "vm1", Step: "pull", Sent: 1, Of: 2, Rate: 3},
	event.Progress{},
	event.Line{Host: "vm1", Step: "hook", Stream: "stderr", Loud: true, Text: "a\tb\x1b[0m\xff"},
	event.Line{},
	event.Section{Text: "gate: x"},
	event.Note{Host: "vm1", Text: "x"},
	event.Warning{Host: "vm1", Text: "x"},
	event.RolloutEnd{
		App: "shop", Options: "-d x", Again: "mrsk deploy", Version: "v2", Outcome: event.Live, Interrupted: true, Routed: true, Hosts: []string{"vm1"},
		Took: time.Second, URL: "https://x", Back: "v1", Unclear: []string{"vm2"}, Before: []event.Running{{Version: "v1", Hosts: []string{"vm1"}}},
	},
	event.RolloutEnd{},
	Log{Host: "vm1", Role: "web", At: at.Add(9 * time.Nanosecond), Text: "a\tb\x1b[0m\xff"},
	Log{},
	Exit{Status: 1, Report: "error: x"},
	Exit{},
}

func TestEncode_follows_the_schema(t *testing.T) {
	t.Parallel()
	schema := compiled(t)
	seen := map[string]bool{}
	var lines strings.Builder
	for _, e := range all {
		line := Encode(e, at, same)
		if bytes.Count(line, []byte("\n")) != 1 || !bytes.HasSuffix(line, []byte("\n")) {
			t.Errorf("%+v is not one line: %q", e, line)
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(line))
		if err != nil {
			t.Errorf("%+v: %v in %s", e, err, line)
			continue
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("%s: %v", line, err)
		}
		seen[value.(map[string]any)["type"].(string)] = true
		lines.Write(line)
	}
	for _, d := range described {
		if !seen[d.name] {
			t.Errorf("no event has the type %s", d.name)
		}
	}
	golden.Equal(t, "testdata/events.golden", lines.String())
}

func TestSchema_refuses_other_objects(t *testing.T) {
	t.Parallel()
	schema := compiled(t)
	for _, text := range []string{
		`{"version":1,"type":"section","time":"x"}`,
		`{"version":2,"type":"section","time":"x","text":"y"}`,
		`{"version":1,"type":"other","time":"x","text":"y"}`,
		`{"version":1,"type":"section","time":"x","text":"y","more":1}`,
		`{"version":1,"type":"section","time":"x","text":1}`,
	} {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if schema.Validate(value) == nil {
			t.Errorf("it takes %s", text)
		}
	}
}

func TestEncode_hides_secrets_in_every_text_and_changes_no_event(t *testing.T) {
	t.Parallel()
	hide := func(text string) string { return strings.ReplaceAll(text, "s3cret", "[hidden]") }
	hosts := []string{"s3cret"}
	for _, e := range []event.Event{
		event.Work{Doing: "s3cret", Hosts: hosts},
		event.Line{Text: `"s3cret"`},
		event.Step{Name: "s3cret", Err: errors.New("s3cret")},
		event.RolloutEnd{Before: []event.Running{{Version: "s3cret", Hosts: hosts}}},
		Log{Text: "s3cret"},
		Exit{Report: "s3cret"},
	} {
		line := string(Encode(e, at, hide))
		if strings.Contains(line, "s3cret") || !strings.Contains(line, "[hidden]") || !json.Valid([]byte(line)) {
			t.Error(line)
		}
	}
	if hosts[0] != "s3cret" {
		t.Error("the event was changed")
	}
}

// A secret can be a word of the form itself.
func TestEncode_hides_no_names_of_fields(t *testing.T) {
	t.Parallel()
	hide := func(text string) string { return strings.ReplaceAll(text, "host", "[hidden]") }
	got := string(Encode(event.Note{Host: "host", Text: "x"}, at, hide))
	want := `{"version":1,"type":"note","time":"2026-01-02T02:04:05.678Z","host":"[hidden]","text":"x"}` + "\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDocs_describe_every_type_and_field(t *testing.T) {
	t.Parallel()
	golden.Equal(t, "../../docs/events.schema.json", string(Schema()))
	golden.Equal(t, "../../docs/events.md", page+Reference())
}

const page = `# Events as JSON

This page is generated by ` + "`make docs`" + ` from ` + "`internal/eventjson`" + `.

With ` + "`--json`" + ` a command that changes hosts writes its events to stdout, one JSON object a line, as they happen: ` + "`deploy`, `redeploy`,\n`setup`, `rollback`, `sync`, `upgrade`, `remove`" + ` and the commands of ` + "`app`, `accessory`, `proxy` and `prune`" + ` that change something. The screen on
stderr stays as it is; ` + "`-q`" + ` leaves only errors there. The exit status is the same as without ` + "`--json`" + `.

The commands ` + "`logs`" + ` of ` + "`app`, `accessory` and `proxy`, `mrsk logs` and `mrsk audit`" + ` write each line of a log as an event ` + "`log`" + `, those of one
host after those of the other, or as they come with ` + "`--follow`" + `.

` + "```" + `
mrsk deploy --json | jq -r 'select(.type == "reached") | "\(.host) is \(.done)"'
mrsk logs -f --json | jq -r 'select(.type == "log") | "\(.logged_at) \(.text)"'
` + "```" + `

[events.schema.json](events.schema.json) is the JSON Schema of a line. New versions of mrsk may add types and fields. Programs
should ignore those that they do not know. Texts are for people and may change. Secrets are hidden. What came from hosts and
programs is passed on as it is, with its control characters escaped: clean it before you write it to a terminal.

`
