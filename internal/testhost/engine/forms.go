package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// form is a docker command that mrsk uses. Flags are the long names of its options, those with a
// value end in =; "t=tag" makes -t the option tag.
type form struct {
	flags string
	// open forms take a command behind their first argument, whose options are its own.
	open bool
	run  func(*Engine, *exchange) error
}

const runFlags = "detach d=detach rm interactive i=interactive tty read-only init privileged " +
	"interactive restart= name= network= net= network-alias= hostname= env= env-file= volume= v=volume= label= log-driver= log-opt= entrypoint= " +
	"stop-timeout= security-opt= cap-drop= cap-add= publish= p=publish= expose= memory= cpus= user= volumes-from= shm-size= add-host= ulimit="

var forms map[string]form

// The table is filled in here because the forms and their handlers refer to each other.
func init() {
	forms = map[string]form{
		"version": {flags: "format=", run: (*Engine).version},
		"info":    {flags: "format=", run: (*Engine).info},
		"login":   {flags: "u=username= password-stdin", run: (*Engine).login},
		"logout":  {run: (*Engine).logout},

		"ps":      {flags: "all quiet no-trunc filter= format=", run: (*Engine).list},
		"inspect": {flags: "type= format=", run: (*Engine).inspect},
		"run":     {flags: runFlags, open: true, run: (*Engine).runContainer},
		"create":  {flags: runFlags, open: true, run: (*Engine).createContainer},
		"exec":    {flags: "interactive i=interactive tty env=", open: true, run: (*Engine).exec},
		"start":   {run: (*Engine).start},
		"stop":    {flags: "t=time=", run: (*Engine).stop},
		"kill":    {run: (*Engine).kill},
		"unpause": {run: (*Engine).unpause},
		"rm":      {flags: "force volumes", run: (*Engine).remove},
		"rename":  {run: (*Engine).rename},
		"update":  {flags: "restart=", run: (*Engine).update},
		"logs":    {flags: "timestamps follow since= tail=", run: (*Engine).logs},
		"cp":      {flags: "follow-link", run: (*Engine).copyFiles},

		"pull":          {flags: "quiet", run: (*Engine).pull},
		"push":          {run: (*Engine).push},
		"tag":           {run: (*Engine).tag},
		"image ls":      {flags: "all quiet no-trunc digests filter= format=", run: (*Engine).listImages},
		"image inspect": {flags: "format=", run: (*Engine).inspectImage},
		"image rm":      {run: (*Engine).removeImages},

		"network ls":         {flags: "quiet filter= format=", run: (*Engine).listNetworks},
		"network create":     {run: (*Engine).createNetwork},
		"network rm":         {run: (*Engine).removeNetworks},
		"network connect":    {flags: "alias=", run: (*Engine).connect},
		"network disconnect": {run: (*Engine).disconnect},
		"volume ls":          {flags: "quiet filter=", run: (*Engine).listVolumes},
		"volume create":      {flags: "label=", run: (*Engine).createVolume},
		"volume inspect":     {flags: "format=", run: (*Engine).inspectVolumes},
		"volume rm":          {flags: "force", run: (*Engine).removeVolumes},

		"buildx version": {run: func(*Engine, *exchange) error { return nil }},
		"buildx inspect": {run: (*Engine).inspectBuilder},
		"buildx create":  {flags: "driver= name= platform= driver-opt= append", run: (*Engine).createBuilder},
		"buildx rm":      {run: (*Engine).removeBuilder},
		"buildx build": {
			flags: "output= platform= builder= t=tag= cache-to= cache-from= label= build-arg= secret= file= target= ssh= provenance= sbom= no-cache metadata-file=",
			run:   (*Engine).build,
		},
	}
}

// exchange is a call whose form is known.
type exchange struct {
	Call
	form  form
	flags map[string][]string
	args  []string
	ctx   context.Context //nolint:containedctx // the one of this command, which ends with it
}

func (x *exchange) has(flag string) bool { return len(x.flags[flag]) > 0 }

// get is the last value of an option, "" without one.
func (x *exchange) get(flag string) string {
	if values := x.flags[flag]; len(values) > 0 {
		return values[len(values)-1]
	}
	return ""
}

func (x *exchange) print(format string, args ...any) { fmt.Fprintf(x.Stdout, format+"\n", args...) }

func (x *exchange) unknown(why string) error { return &unknownError{x.Args, why} }

// need reports a call that has fewer arguments than its form takes, or more.
func (x *exchange) need(least, most int) error {
	if len(x.args) < least || len(x.args) > most {
		return x.unknown(fmt.Sprintf("%d arguments", len(x.args)))
	}
	return nil
}

func parse(c Call) (*exchange, error) {
	x := &exchange{Call: c, flags: map[string][]string{}}
	words := min(2, len(c.Args))
	f, known := forms[strings.Join(c.Args[:words], " ")]
	if !known && words == 2 {
		words = 1
		f, known = forms[c.Args[0]]
	}
	if !known {
		return nil, x.unknown("no such command")
	}
	x.form = f
	return x, x.parse(c.Args[words:])
}

func (x *exchange) parse(words []string) error {
	for len(words) > 0 {
		word := words[0]
		words = words[1:]
		switch {
		case !strings.HasPrefix(word, "-") || word == "-":
			x.args = append(x.args, word)
			if x.form.open {
				x.args = append(x.args, words...)
				return nil
			}
		default:
			taken, err := x.option(word, words)
			if err != nil {
				return err
			}
			words = words[taken:]
		}
	}
	return nil
}

// option reads one option and returns how many of the words behind it are its value.
func (x *exchange) option(word string, behind []string) (taken int, err error) {
	name, value, given := strings.Cut(strings.TrimLeft(word, "-"), "=")
	name, valued, known := x.form.find(name)
	switch {
	case !known:
		return 0, x.unknown("option " + word)
	case valued && !given && len(behind) == 0:
		return 0, x.unknown("no value of " + word)
	case valued && !given:
		value, taken = behind[0], 1
	case !given:
		value = "true"
	}
	x.flags[name] = append(x.flags[name], value)
	return taken, nil
}

// find returns the long name of an option.
func (f form) find(name string) (long string, valued, known bool) {
	for word := range strings.FieldsSeq(f.flags) {
		parts := strings.Split(word, "=")
		long := parts[0]
		if len(parts) > 1 && parts[1] != "" {
			long = parts[1]
		}
		if parts[0] == name {
			return long, strings.HasSuffix(word, "="), true
		}
	}
	return "", false, false
}

// pairs reads options of the form name=value.
func pairs(values []string) map[string]string {
	out := map[string]string{}
	for _, v := range values {
		name, value, _ := strings.Cut(v, "=")
		out[name] = value
	}
	return out
}

// filters reads --filter options; what is not among the known ones is unknown.
func (x *exchange) filters(known ...string) (map[string][]string, error) {
	out := map[string][]string{}
	for _, f := range x.flags["filter"] {
		name, value, _ := strings.Cut(f, "=")
		if !slices.Contains(known, name) {
			return nil, x.unknown("filter " + name)
		}
		out[name] = append(out[name], value)
	}
	return out, nil
}
