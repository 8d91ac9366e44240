package config

import (
	"net/url"
	"strings"

	"mrsk/internal/yamltree"
)

// HooksOutput is how much the screen shows of hooks that succeed.
type HooksOutput struct {
	All string // verbose or quiet; "" shows only that they run
	Own []Pair // settings of single hooks, by name
}

// Of returns the setting of a hook.
func (o HooksOutput) Of(name string) string {
	for _, own := range o.Own {
		if own.Name == name {
			return own.Value
		}
	}
	return o.All
}

// Output is where commands that change something are recorded.
type Output struct {
	File string // folder of log files; "" for none
	OTel string // base URL of an OTLP collector; "" for none
}

func readHooksOutput(v value, d *draft) {
	if v.Kind != yamltree.Map {
		d.HooksOutput.All, _ = v.level()
		return
	}
	entries, _ := v.hash()
	for _, e := range entries {
		if level, ok := e.level(); ok {
			d.HooksOutput.Own = append(d.HooksOutput.Own, Pair{Name: e.key, Value: level, Pos: e.pos})
		}
	}
}

// level reads verbose or quiet. As in Kamal, a Ruby symbol such as :verbose is accepted.
func (v value) level() (string, bool) {
	s, ok := v.text()
	if !ok {
		return "", false
	}
	s = strings.TrimPrefix(s, ":")
	if s != "verbose" && s != "quiet" {
		v.problem("should be verbose or quiet")
		return "", false
	}
	return s, true
}

var outputSection = section[Output]{
	name: "output",
	doc: `Where to record every command that changes something: what the screen shows with -v, without secrets.
Recording never fails a command and never delays it. If it fails, a warning is shown at the end.`,
	fields: []field[Output]{
		{"file", "hash", "", "Log files; see output/file.", readOutputFile},
		{"otel", "hash", "", "A collector of OpenTelemetry logs; see output/otel.", readOTel},
	},
}

var outputFileSection = section[Output]{
	name: "output/file",
	doc:  "One log file per command. The name has the time, the destination and the command.",
	fields: []field[Output]{
		{"path", "string", "", "Folder of the files, relative to the project. It is created if it is missing. Required.", word(func(o *Output) *string { return &o.File })},
	},
}

var otelSection = section[Output]{
	name: "output/otel",
	doc:  "Log records sent by OTLP over HTTP, as JSON. A command sends an event mrsk.start, a record for each line, and an event mrsk.complete or mrsk.failed.",
	fields: []field[Output]{
		{"endpoint", "string", "", "Base URL of the collector, such as http://otel:4318; /v1/logs is appended. Required.", readEndpoint},
	},
}

func readOutput(v value, d *draft) { outputSection.read(v, &d.Output) }

func readOutputFile(v value, o *Output) {
	if outputFileSection.read(v, o) && v.Get("path") == nil {
		v.at("path").or(v).problem("is required")
	}
}

func readOTel(v value, o *Output) {
	if otelSection.read(v, o) && v.Get("endpoint") == nil {
		v.at("endpoint").or(v).problem("is required")
	}
}

func readEndpoint(v value, o *Output) {
	s, ok := v.word()
	if !ok {
		return
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		v.problem("should be a URL such as http://otel:4318")
		return
	}
	o.OTel = s
}
