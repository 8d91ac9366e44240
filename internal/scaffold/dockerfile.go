package scaffold

import (
	"maps"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// image is what a stage of a Dockerfile says about the containers of its image.
type image struct {
	port int    // 0: it exposes none
	path string // of the health check's URL; "" if there is none
	vars map[string]string
}

// parseDockerfile returns what the last stage says, with what it has from the stages that it builds on.
func parseDockerfile(text string) image {
	stages := map[string]image{}
	var at image
	name := ""
	for _, line := range instructions(text) {
		words := strings.Fields(line)
		if strings.EqualFold(words[0], "FROM") {
			stages[name] = at
			at, name = from(words[1:], stages)
			continue
		}
		at.follow(strings.ToUpper(words[0]), words[1:])
	}
	return at
}

// instructions returns the lines of a Dockerfile without comments, with continued lines joined.
func instructions(text string) []string {
	var all []string
	open := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		rest, continued := strings.CutSuffix(line, `\`)
		if open += rest + " "; !continued {
			all = append(all, open)
			open = ""
		}
	}
	if strings.TrimSpace(open) != "" {
		all = append(all, open)
	}
	return all
}

// from returns the image that a new stage begins with, and the name of the stage.
func from(words []string, stages map[string]image) (base image, name string) {
	for len(words) > 0 && strings.HasPrefix(words[0], "--") {
		words = words[1:]
	}
	if len(words) == 0 {
		return image{vars: map[string]string{}}, ""
	}
	base = stages[strings.ToLower(words[0])]
	vars := map[string]string{}
	maps.Copy(vars, base.vars)
	base.vars = vars
	if len(words) == 3 && strings.EqualFold(words[1], "AS") {
		name = strings.ToLower(words[2])
	}
	return base, name
}

// follow applies one instruction.
func (i *image) follow(instruction string, words []string) {
	switch instruction {
	case "ENV", "ARG":
		i.set(words)
	case "EXPOSE":
		i.expose(words)
	case "HEALTHCHECK":
		i.path = ""
		if m := url.FindStringSubmatch(i.expand(strings.Join(words, " "))); m != nil {
			i.path = "/" + strings.TrimPrefix(m[1], "/")
		}
	}
}

// set reads NAME=VALUE …, or the older NAME VALUE.
func (i *image) set(words []string) {
	if len(words) == 2 && !strings.Contains(words[0], "=") {
		words = []string{words[0] + "=" + words[1]}
	}
	for _, word := range words {
		if name, value, found := strings.Cut(word, "="); found && i.vars != nil {
			i.vars[name] = i.expand(strings.Trim(value, `"'`))
		}
	}
}

// expose takes the first TCP port. Docker has no order of ports, but people write the main one first.
func (i *image) expose(words []string) {
	for _, word := range words {
		number, protocol, _ := strings.Cut(i.expand(word), "/")
		port, err := strconv.Atoi(number)
		if err == nil && i.port == 0 && port > 0 && port <= 65535 && !strings.EqualFold(protocol, "udp") {
			i.port = port
		}
	}
}

// expand fills in $NAME and ${NAME}. Names without a known value become empty.
func (i *image) expand(text string) string {
	return os.Expand(text, func(name string) string {
		name, usual, _ := strings.Cut(name, ":-")
		if v := i.vars[name]; v != "" {
			return v
		}
		return usual
	})
}

// url matches the URL that a health check asks, up to its path.
var url = regexp.MustCompile(`https?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?::\d*)?(/[A-Za-z0-9/_.~%-]*)?`)
