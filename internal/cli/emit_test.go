package cli

import (
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// validEvents fails unless each line of a file is an event as docs/events.schema.json has it, and the last one is
// the exit: events FILE.
func validEvents(ts *testscript.TestScript, _ bool, args []string) {
	schema, err := jsonschema.NewCompiler().Compile("../../docs/events.schema.json")
	ts.Check(err)
	text, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	for i, line := range lines {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		if err == nil {
			err = schema.Validate(value)
		}
		if err != nil {
			ts.Fatalf("line %d, %s: %v", i+1, line, err)
		}
		last := i == len(lines)-1
		if exit := strings.Contains(line, `"type":"exit"`); exit != last {
			ts.Fatalf("line %d of %d: %s", i+1, len(lines), line)
		}
	}
}
