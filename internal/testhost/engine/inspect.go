package engine

import (
	"bytes"
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"text/template"
)

var templateFuncs = template.FuncMap{
	"json": func(v any) (string, error) {
		text := &bytes.Buffer{}
		enc := json.NewEncoder(text)
		enc.SetEscapeHTML(false)
		err := enc.Encode(v)
		return strings.TrimSpace(text.String()), err
	},
	"join": strings.Join, "split": strings.Split, "lower": strings.ToLower, "upper": strings.ToUpper,
}

// show prints a value in a format, and a line end. As docker does, it takes the names that the API has
// where the type has none such.
func (x *exchange) show(format string, value any) error {
	t, err := template.New("").Funcs(templateFuncs).Option("missingkey=error").Parse(format)
	if err != nil {
		return &Failure{64, "template parsing error: " + err.Error() + "\n"}
	}
	var out bytes.Buffer
	if err := t.Execute(&out, value); err != nil {
		text, _ := json.Marshal(value) // of types of this package, which never fail
		var raw any
		_ = json.Unmarshal(text, &raw)
		out.Reset()
		if again := t.Execute(&out, raw); again != nil {
			return x.unknown("format: " + err.Error())
		}
	}
	x.print("%s", out.String())
	return nil
}

func (e *Engine) version(x *exchange) error {
	type server struct{ Version, Arch string }
	return x.show(x.get("format"), struct{ Server server }{server{"26.1.5", "amd64"}})
}

func (e *Engine) info(x *exchange) error {
	type config struct{ Mirrors []string }
	info := struct {
		Architecture   string
		RegistryConfig *config
		DockerRootDir  string
	}{"x86_64", &config{e.mirrors}, "/nowhere"}
	return x.show(x.get("format"), info)
}

func (e *Engine) inspect(x *exchange) error {
	if kind := x.get("type"); kind != "" && kind != "container" {
		return x.unknown("type " + kind)
	}
	var failed error
	for _, ref := range x.args {
		c := e.find(ref)
		err := error(&Failure{1, "Error: No such object: " + ref + "\n"})
		if c != nil {
			err = x.show(x.get("format"), c)
		}
		if err != nil {
			failed = join(failed, err)
		}
	}
	if len(x.args) == 0 {
		return &Failure{1, `"docker inspect" requires at least 1 argument.` + "\n"}
	}
	return failed
}

// row is a container in docker ps.
type row struct {
	ID, Names, Image, State, Status, Ports string
	labels                                 map[string]string
}

// published are the ports as docker ps shows them.
func (c *Container) published() string {
	var all []string
	for inside, bindings := range c.HostConfig.PortBindings {
		for _, b := range bindings {
			all = append(all, cmp.Or(b.HostIp, "0.0.0.0")+":"+b.HostPort+"->"+inside)
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// Label is the value of a label.
func (r row) Label(name string) string { return r.labels[name] }

func (e *Engine) list(x *exchange) error {
	filters, err := x.filters("label", "name", "status", "network", "id", "ancestor", "publish")
	if err != nil {
		return err
	}
	for _, c := range slices.Backward(e.containers) {
		if !e.selects(filters, c) || !c.State.Running && !x.has("all") && filters["status"] == nil {
			continue
		}
		r := row{c.ID, c.name(), c.Config.Image, c.State.Status, c.State.Status, c.published(), c.Config.Labels}
		if !x.has("no-trunc") {
			r.ID = r.ID[:12]
		}
		if err := x.row(r.ID, r); err != nil {
			return err
		}
	}
	return nil
}

// row prints one thing of a list: by its id, or in the format that is asked for.
func (x *exchange) row(id string, r any) error {
	switch {
	case x.has("quiet"):
		x.print("%s", id)
	case x.has("format"):
		return x.show(x.get("format"), r)
	default:
		return x.unknown("a list as a table")
	}
	return nil
}

// selects reports whether the container passes all filters: of several of one kind, labels must all
// hold, and of the others one.
func (e *Engine) selects(filters map[string][]string, c *Container) bool {
	for kind, values := range filters {
		passes := func(value string) bool { return e.passes(c, kind, value) }
		if kind == "label" && !all(values, passes) || kind != "label" && !slices.ContainsFunc(values, passes) {
			return false
		}
	}
	return true
}

func all(values []string, ok func(string) bool) bool {
	return !slices.ContainsFunc(values, func(v string) bool { return !ok(v) })
}

func (e *Engine) passes(c *Container, kind, value string) bool {
	switch kind {
	case "label":
		return labelled(c.Config.Labels, value)
	case "name":
		return named(value, c.name()) || named(value, c.Name)
	case "status":
		return c.State.Status == value
	case "network":
		return c.NetworkSettings.Networks[value] != nil
	case "id":
		return strings.HasPrefix(c.ID, value)
	case "ancestor":
		image := e.image(value)
		return image != nil && image.ID == c.Image
	}
	return slices.Contains(c.ports(), value)
}

func labelled(labels map[string]string, filter string) bool {
	name, value, given := strings.Cut(filter, "=")
	have, there := labels[name]
	return there && (!given || have == value)
}

// named matches as docker's filter for names does, which takes a regular expression.
func named(pattern, name string) bool {
	ok, err := regexp.MatchString(pattern, name)
	return ok && err == nil
}
