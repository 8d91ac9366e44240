package doctor

// ID tells kinds of findings apart.
type ID string

// The kinds of findings: see Kinds for what each one means.
const (
	HostUnreachable  ID = "host-unreachable"
	DockerMissing    ID = "docker-missing"
	DockerDenied     ID = "docker-denied"
	DockerOld        ID = "docker-old"
	ProgramsMissing  ID = "programs-missing"
	SessionsLimited  ID = "sshd-sessions"
	DiskLow          ID = "disk-low"
	PortTaken        ID = "port-taken"
	PortOpen         ID = "port-open"
	ClockOff         ID = "clock-off"
	ArchOther        ID = "arch-other"
	DNSMissing       ID = "dns-missing"
	DNSElsewhere     ID = "dns-elsewhere"
	SecretMissing    ID = "secret-missing"
	HookBroken       ID = "hook-broken"
	DockerfileGone   ID = "dockerfile-missing"
	GitUnusable      ID = "git-unusable"
	GitUncommitted   ID = "git-uncommitted"
	LocalDocker      ID = "local-docker"
	SampleValue      ID = "sample-value"
	ProxyState       ID = "proxy-state"
	CertificateState ID = "certificate-state"
)

// Kind is what findings with the same ID have in common.
type Kind struct {
	ID       ID
	Severity Severity
	What     string // what was found, in general
	Why      string // why it matters
}

// Kinds returns all kinds of findings, in the order of the documentation.
func Kinds() []Kind { return kinds }

var kinds = []Kind{
	{HostUnreachable, Error, "a host cannot be reached or does not let mrsk in", "a deploy changes all hosts or none, so one host stops it"},
	{DockerMissing, Error, "a host has no Docker, or its daemon does not run", "everything on a host runs in Docker"},
	{DockerDenied, Error, "the SSH user may not use Docker", "mrsk works with the rights of the SSH user"},
	{DockerOld, Warning, "Docker is older than the versions that mrsk is tested with", "commands may behave differently there"},
	{ProgramsMissing, Error, "a host lacks programs that scripts need", "no step can run without them"},
	{SessionsLimited, Warning, "sshd allows few sessions per connection", "mrsk uses several at once: the work, the lock and the images"},
	{DiskLow, Warning, "the disk has no room for the next version beside the present one", "both are on the host until the new one serves"},
	{PortTaken, Error, "another program has a port of the proxy", "the proxy cannot start, so the app is not reached"},
	{PortOpen, Warning, "a container publishes a port on all addresses", "Docker opens it past the host's firewall (ufw, firewalld)"},
	{ClockOff, Warning, "the clock of a host is off by more than a minute", "certificates, locks and logs depend on it"},
	{ArchOther, Error, "a host has another architecture than the image is built for", "its containers cannot start"},
	{DNSMissing, Warning, "a host name of the app has no address", "clients do not find the app, and it gets no certificate"},
	{DNSElsewhere, Warning, "a host name of the app leads to an address that is none of its hosts'", "requests go elsewhere, unless a CDN or load balancer is meant"},
	{SecretMissing, Error, "a secret of the configuration is missing or empty", "a deploy is refused, or the app starts without it"},
	{HookBroken, Error, "a hook cannot run", "a hook that fails stops the command"},
	{DockerfileGone, Error, "the Dockerfile is missing", "the image cannot be built"},
	{GitUnusable, Error, "no version can be derived from git", "images are tagged with the commit that they are built from"},
	{GitUncommitted, Warning, "changes are not committed", "the image is built from the last commit, without them"},
	{LocalDocker, Error, "Docker does not answer on this machine", "images are built with it"},
	{SampleValue, Error, "a value of the sample configuration was left in place", "it is an example and leads nowhere"},
	{ProxyState, Warning, "the proxy does not run as it is configured", "it may not reach the app, or lack options"},
	{CertificateState, Warning, "a certificate is missing or ends soon", "clients are refused without a valid certificate"},
}
