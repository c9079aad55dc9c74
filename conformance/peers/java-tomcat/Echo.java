import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.OnMessage;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerContainer;
import jakarta.websocket.server.ServerEndpoint;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;
import org.apache.tomcat.websocket.server.WsContextListener;

/** Echo FOLDER [PORT [CERT KEY]]: an echo server on Tomcat's WebSockets. */
public final class Echo {
  /** Tomcat's own example EchoAnnotation: what came of a message goes back. */
  @ServerEndpoint("/")
  public static final class Endpoint {
    @OnMessage
    public void text(Session session, String part, boolean last) throws IOException {
      session.getBasicRemote().sendText(part, last);
    }

    @OnMessage
    public void binary(Session session, ByteBuffer part, boolean last) throws IOException {
      session.getBasicRemote().sendBinary(part, last);
    }
  }

  /** Behind WsContextListener, which makes the container. */
  public static final class Listener implements ServletContextListener {
    @Override
    public void contextInitialized(ServletContextEvent event) {
      ServerContainer container =
          (ServerContainer)
              event.getServletContext().getAttribute(ServerContainer.class.getName());
      try {
        container.addEndpoint(Endpoint.class);
      } catch (DeploymentException error) {
        throw new IllegalStateException(error);
      }
    }
  }

  private static void secure(Connector connector, String cert, String key) {
    SSLHostConfig host = new SSLHostConfig();
    SSLHostConfigCertificate certificate =
        new SSLHostConfigCertificate(host, SSLHostConfigCertificate.Type.UNDEFINED);
    certificate.setCertificateFile(new File(cert).getAbsolutePath());
    certificate.setCertificateKeyFile(new File(key).getAbsolutePath());
    host.addCertificate(certificate);
    connector.addSslHostConfig(host);
    connector.setScheme("https");
    connector.setSecure(true);
    connector.setProperty("SSLEnabled", "true");
  }

  public static void main(String[] args) throws Exception {
    Logger.getLogger("org.apache").setLevel(Level.SEVERE);
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(args[0]);
    Connector connector = new Connector();
    connector.setProperty("address", "127.0.0.1");
    connector.setPort(args.length > 1 ? Integer.parseInt(args[1]) : 0);
    if (args.length > 3) {
      secure(connector, args[2], args[3]);
    }
    tomcat.setConnector(connector);
    Context context = tomcat.addContext("", null);
    context.addApplicationListener(WsContextListener.class.getName());
    context.addApplicationListener(Listener.class.getName());
    // The container answers where a servlet would: one must be there.
    Tomcat.addServlet(context, "default", "org.apache.catalina.servlets.DefaultServlet");
    context.addServletMappingDecoded("/", "default");
    tomcat.start();
    System.out.println("ready " + connector.getLocalPort());
    tomcat.getServer().await();
  }
}
