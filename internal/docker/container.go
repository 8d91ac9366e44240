package docker

import (
	"regexp"

	"mrsk/internal/config"
	"mrsk/internal/shell"
)

// Container is the arguments of `docker run`.
type Container struct {
	Name     string
	Image    string
	Hostname string
	Alias    string // on Network; "" joins without an alias
	Network  string // in place of mrsk's own, "" is that
	Restart  string
	Remove   bool // --rm
	Flags    []string
	Own      []config.Pair // environment that mrsk itself sets
	Env      config.Environment
	Labels   []config.Pair
	Volumes  []string
	Logging  config.Logging
	Options  []config.Option
	Args     []string // words of the command, as they are
	Cmd      string   // a user's words behind them, for the shell to split
}

// Run creates and starts the container in the background.
func (c Container) Run() shell.Line {
	if len(c.otherNetworks()) == 0 {
		return c.command("run", "--detach")
	}
	return c.Create().And(Cmd("start", c.Name))
}

// Start returns the line of Run. If the container cannot be started, the line also says which other containers have
// its ports.
func (c Container) Start() shell.Line {
	ports := c.hostPorts()
	if len(ports) == 0 {
		return c.Run()
	}
	return c.Run().Or(portsTaken.Call(ports...)).Group()
}

// hostPorts returns the ports of the host that the container publishes. Ranges and ports that docker chooses are
// left out.
func (c Container) hostPorts() []string {
	var ports []string
	for _, o := range c.Options {
		if o.Name != "publish" && o.Name != "p" {
			continue
		}
		for _, v := range o.Values {
			if m := published.FindStringSubmatch(v); m != nil {
				ports = append(ports, m[1])
			}
		}
	}
	return ports
}

// published matches [ADDRESS:]PORT:PORT[/PROTOCOL], as docker run --publish takes it.
var published = regexp.MustCompile(`^(?:.*:)?(\d+):\d+(?:/\w+)?$`)

// Create creates the container, which has what it takes to start and does not run.
func (c Container) Create() shell.Line {
	line := c.command("create")
	for _, n := range c.otherNetworks() {
		line = line.And(n.with(Cmd("network", "connect"), "--alias").Add(shell.Expand(n.name)).Lits(c.Name))
	}
	return line
}

// Once runs the container in the foreground and removes it when it ends; flags are those of
// an interactive run.
func (c Container) Once(flags ...string) shell.Line {
	return c.command("run", append(flags, "--rm")...)
}

// command keeps the order of the reference, which lets later options override earlier ones.
func (c Container) command(verb string, flags ...string) shell.Line {
	line := Cmd(verb).Lits(flags...).Lits(c.Flags...)
	line = option(line, "--restart", c.Restart)
	line = option(line, "--name", c.Name)
	line = c.network(line)
	line = option(line, "--hostname", c.Hostname)
	for _, p := range c.Own {
		line = line.Lits("--env", p.Name+"="+p.Value)
	}
	line = withEnv(line, c.Env, c.rest()...)
	if c.Cmd != "" {
		line = line.Given(c.Cmd)
	}
	return line
}

func option(line shell.Line, name, value string) shell.Line {
	if value == "" {
		return line
	}
	return line.Lits(name, value)
}

// rest are the words behind the environment.
func (c Container) rest() []shell.Word {
	words := logging(c.Logging)
	for _, v := range c.Volumes {
		words = append(words, shell.Lit("--volume"), shell.Expand(v))
	}
	for _, l := range c.Labels {
		words = append(words, shell.Lit("--label"), pair(l))
	}
	for _, o := range c.Options {
		words = append(words, optionWords(o)...)
	}
	words = append(words, shell.Lit(c.Image))
	for _, w := range c.Args {
		words = append(words, shell.Lit(w))
	}
	return words
}

func pair(p config.Pair) shell.Word {
	return shell.Join(shell.Lit(p.Name+"="), shell.Expand(p.Value))
}

func logging(l config.Logging) []shell.Word {
	var words []shell.Word
	if l.Driver != "" {
		words = append(words, shell.Lit("--log-driver"), shell.Expand(l.Driver))
	}
	for _, o := range l.Options {
		words = append(words, shell.Lit("--log-opt"), pair(o))
	}
	return words
}

// optionWords renders an option other than the network, which has its own place.
func optionWords(o config.Option) []shell.Word {
	if o.Name == "network" || o.Name == "net" {
		return nil
	}
	return OptionWords(o)
}

// OptionWords renders one option of docker run: a flag, or the option with each value. docker takes
// a truth value for that of a flag only behind a =.
func OptionWords(o config.Option) []shell.Word {
	flag := shell.Lit("--" + o.Name)
	if len(o.Values) == 0 {
		return []shell.Word{flag}
	}
	var words []shell.Word
	for _, v := range o.Values {
		if v == "true" || v == "false" {
			words = append(words, shell.Lit("--"+o.Name+"="+v))
			continue
		}
		words = append(words, flag, shell.Expand(v))
	}
	return words
}
