package eventjson

import (
	"time"

	"mrsk/internal/event"
)

// Exit is the last event of a command: how it ends.
type Exit struct {
	event.Event
	Status int    // of the process
	Report string // what the user is told of the failure, "" if there is none
}

// Log is a line of a log that the user asked for.
type Log struct {
	event.Event
	Host string
	Role string    // of the container, "" if the log is not that of a role
	At   time.Time // when it was written, by the clock of the host; zero if it is not known
	Text string    // without its time and its line end
}

type work struct {
	Doing   string   `json:"doing" doc:"what the command does, in words"`
	App     string   `json:"app_version" doc:"version of the app, empty if the command has none"`
	Subject string   `json:"subject" doc:"of the version's commit, empty if git does not know it"`
	Was     []string `json:"was" doc:"versions that ran before, empty if they are not known yet"`
	Hosts   []string `json:"hosts" doc:"that change"`
}

type build struct {
	State   string  `json:"state" doc:"began, done, failed or cancelled"`
	Seconds float64 `json:"seconds" doc:"how long it took, 0 while it runs"`
	Size    int64   `json:"size_bytes" doc:"of the image, 0 if it is not known"`
	Added   int64   `json:"new_bytes" doc:"of the image that were not in the cache on this machine before, 0 if they are not known"`
}

type stage struct {
	Stage    string   `json:"stage" doc:"name of the stage"`
	Hosts    []string `json:"hosts" doc:"that begin it"`
	Together bool     `json:"together" doc:"a host that has come to its end waits for the others"`
	Undo     bool     `json:"undo" doc:"the hosts undo what they have done"`
}

type reached struct {
	Host    string  `json:"host" doc:"name of the host"`
	Stage   string  `json:"stage" doc:"that it has come to the end of"`
	Done    string  `json:"done" doc:"what is true of the host now, such as healthy"`
	Seconds float64 `json:"seconds" doc:"since the stage began"`
	Sent    int64   `json:"sent_bytes" doc:"that the host got from this machine, 0 if it needed none or they were not counted"`
}

type hostFailed struct {
	Host  string `json:"host" doc:"name of the host"`
	Error string `json:"error" doc:"why its work has ended"`
}

type step struct {
	Host    string  `json:"host" doc:"name of the host, empty for the operator's machine"`
	Step    string  `json:"step" doc:"name of the step"`
	State   string  `json:"state" doc:"began, done, failed, ignored, undone or cancelled"`
	Seconds float64 `json:"seconds" doc:"how long it took, 0 while it runs"`
	Error   string  `json:"error" doc:"why it failed, empty if it has not"`
	Minor   bool    `json:"minor" doc:"the screen shows it with -v only"`
}

type probe struct {
	Host   string  `json:"host" doc:"name of the host"`
	Step   string  `json:"step" doc:"that waits"`
	Answer string  `json:"answer" doc:"of a container that is not healthy yet; told when it changes"`
	Limit  float64 `json:"limit_seconds" doc:"how long the step waits at most, 0 if unknown"`
}

type waiting struct {
	Host string `json:"host" doc:"name of the host"`
	For  string `json:"for" doc:"queued or connecting"`
}

type waited struct {
	Host    string  `json:"host" doc:"name of the host"`
	For     string  `json:"for" doc:"queued, connecting, sent or gate"`
	Gate    string  `json:"gate" doc:"which gate, empty if there was none"`
	Seconds float64 `json:"seconds" doc:"how long"`
}

type progress struct {
	Host string `json:"host" doc:"name of the host"`
	Step string `json:"step" doc:"that moves data"`
	Sent int64  `json:"sent_bytes" doc:"so far"`
	Of   int64  `json:"of_bytes" doc:"known to be needed; more may be"`
	Rate int64  `json:"bytes_per_second" doc:"of late, 0 if unknown"`
}

type outputLine struct {
	Host   string `json:"host" doc:"name of the host, empty for the operator's machine"`
	Step   string `json:"step" doc:"that printed it"`
	Stream string `json:"stream" doc:"stdout or stderr"`
	Text   string `json:"text" doc:"one line, as the program printed it, without secrets"`
}

type section struct {
	Text string `json:"text" doc:"heading of what comes next, such as a gate"`
}

type note struct {
	Host string `json:"host" doc:"name of the host, empty if it is about the whole"`
	Text string `json:"text" doc:"for a person"`
}

type rolloutEnd struct {
	App         string    `json:"app" doc:"name of the service"`
	New         string    `json:"app_version" doc:"the new version, empty if it was not known yet"`
	Outcome     string    `json:"outcome" doc:"live, live with faults, unchanged, not started, rolled back or unclear"`
	Interrupted bool      `json:"interrupted" doc:"the user ended it"`
	Hosts       []string  `json:"hosts" doc:"of the app"`
	Seconds     float64   `json:"seconds" doc:"how long the rollout took"`
	URL         string    `json:"url" doc:"of the app, empty if it has none"`
	Back        string    `json:"back" doc:"version that a rollback would bring back, empty if there is none"`
	Unclear     []string  `json:"unclear" doc:"hosts that may have either version"`
	Before      []running `json:"before" doc:"what the hosts ran before"`
}

type running struct {
	Version string   `json:"app_version" doc:"empty for hosts that ran none"`
	Hosts   []string `json:"hosts" doc:"that ran it"`
}

type logLine struct {
	Host string `json:"host" doc:"name of the host"`
	Role string `json:"role" doc:"of the container, empty if the log is not that of a role of the app"`
	At   string `json:"logged_at" doc:"when the line was written, as in RFC 3339, in UTC, by the clock of the host; empty if it is not known"`
	Text string `json:"text" doc:"the line without its time; longer ones than 1 MiB may be split"`
}

type exit struct {
	Status int    `json:"status" doc:"exit status of mrsk"`
	Report string `json:"report" doc:"what stderr says of the failure, empty if there is none"`
}

// described are all forms, in the order of the description.
var described = []struct {
	name, when string
	body       any
}{
	{"work", "what the command does to which hosts; again when more is known", work{}},
	{"build", "the build of the image", build{}},
	{"stage", "hosts begin a part of the work at the same time", stage{}},
	{"reached", "a host has come to the end of a stage", reached{}},
	{"host_failed", "the work on a host has ended with an error", hostFailed{}},
	{"step", "a step begins or ends", step{}},
	{"probe", "a container answers that is not healthy yet", probe{}},
	{"waiting", "a host begins to wait", waiting{}},
	{"waited", "a wait is over", waited{}},
	{"progress", "bytes moved, about once a second", progress{}},
	{"line", "output of a step or a hook", outputLine{}},
	{"section", "a heading", section{}},
	{"note", "news for a person", note{}},
	{"warning", "news on which a person should act", note{}},
	{"log", "a line of a container's log, or of the audit log", logLine{}},
	{"rollout_end", "how a deploy, rollback, setup, sync or boot ended, also one that failed", rolloutEnd{}},
	{"exit", "the end of the command; the last event, missing if mrsk is killed", exit{}},
}
